import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { engineVersion } from "../../../src/pulumi/version.ts";

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

test.each(["pkg/v3", "sdk/v3"])("The toolchain builds %s at the version that the launcher pins", (module) => {
  const line = read("toolchain/go.mod")
    .split("\n")
    .find((text) => text.trim().startsWith(`github.com/pulumi/pulumi/${module} `));
  expect(line?.trim().split(" ")[1]).toBe(`v${engineVersion}`);
});

test.each(["pulumi", "@pulumi/pulumi"])("package.json pins %s to exactly that version", (name) => {
  expect(read("package.json")).toContain(`"${name}": "${engineVersion}"`);
});
