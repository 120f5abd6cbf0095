import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import packageFile from "../package.json" with { type: "json" };
import { planBlindly } from "../src/certification/blind.ts";
import { driftId } from "../src/certification/drift.ts";
import { prepared } from "../src/lab/lab.ts";
import { loadSubstrates } from "../src/substrates/index.ts";
import type { Substrate } from "../src/substrates/substrate.ts";
import { meddlings } from "../src/world/meddle.ts";
import { cloudSecrets, trackedConfig } from "./support/cloud.ts";
import { overlay } from "./support/gate.ts";

const project = fileURLToPath(new URL("..", import.meta.url));
const substrates = await loadSubstrates();

/** Every id that a certification of one substrate can answer with, for the lab's stack config. */
async function planned({ name, component, open }: Substrate): Promise<readonly string[]> {
  const more = component === "cloud" ? cloudSecrets(name) : overlay;
  const opened = open({ ...trackedConfig(name), ...more }, "the test");
  const checks = await planBlindly(await opened.inspect());
  return [...checks.map(({ id }) => id), driftId(name)];
}

const ids = new Map(
  await Promise.all(substrates.map(async (one) => [one.name, await planned(one)] as const)),
);
const everyId = [...new Set([...ids.values()].flat())].toSorted();

/** Whether every substrate's guests are asked it: then it is listed once. */
function isCommon(id: string): boolean {
  return [...ids.values()].every((own) => own.includes(id));
}

/** A section's lines, whatever the case of its heading; none where there is no such section. */
async function section(file: string, heading: string): Promise<readonly string[]> {
  const text = await readFile(join(project, file), "utf8");
  const parts = text.split(/^## /m).map((part) => part.split("\n"));
  return parts.find(([first = ""]) => first.toLowerCase() === heading.toLowerCase()) ?? [];
}

/** What is written as an id in some lines, in order. */
function idsIn(lines: readonly string[]): readonly string[] {
  const known = [...substrates.map(({ name }) => name), "g"].join("|");
  const pattern = new RegExp(`\`((?:${known})\\.[a-z0-9.]+)\``, "g");
  return lines.flatMap((line) => [...line.matchAll(pattern)].map(([, id = ""]) => id)).toSorted();
}

it("TROUBLESHOOTING.md has one row for each check of every substrate, and for no other", async () => {
  const rows = await section("TROUBLESHOOTING.md", "By check");
  expect(idsIn(rows.map((row) => /^\| ([^|]*)\|/.exec(row)?.[1] ?? ""))).toEqual(everyId);
});

describe("what is looked at is listed in one place", () => {
  it.each(substrates.map((one) => [one.name, one] as const))(
    "for %s, and no other check",
    async (name, one) => {
      const own = [...new Set(ids.get(name))].toSorted();
      const [lines, expected] =
        one.component === "cloud"
          ? [await section("docs/clouds.md", name), own.filter((id) => !isCommon(id))]
          : [await section("README.md", "What is looked at"), own];
      expect(idsIn(lines.filter((line) => line.startsWith("| ")))).toEqual(expected);
    },
  );
});

describe("what the documents tell people to type", async () => {
  const files = ["README.md", "TROUBLESHOOTING.md", "CONTRIBUTING.md"];
  const more = (await readdir(join(project, "docs"))).filter((file) => file.endsWith(".md"));
  const texts = await Promise.all(
    [...files, ...more.map((file) => `docs/${file}`)].map((file) => readFile(join(project, file), "utf8")),
  );
  /** What follows some words, in all of them. */
  const wordsAfter = (words: string, what: string) =>
    texts.flatMap((text) =>
      [...text.matchAll(new RegExp(`${words} (${what})`, "g"))].map(([, found]) => found),
    );

  it("are scripts that there are, and README names each of them", () => {
    const scripts = Object.keys(packageFile.scripts);
    expect(scripts).toEqual(expect.arrayContaining(wordsAfter("npm run(?: -s)?", "[a-z][a-z:-]*[a-z]")));
    const named = (script: string) => new RegExp(`npm (run )?(-s )?${script}\\b`).test(texts[0] ?? "");
    expect(scripts.filter((script) => !named(script))).toEqual([]);
  });

  it("are drifts, faults and meddlings of the lab", async () => {
    const { drifts, faults } = await prepared(substrates.map(({ name }) => name));
    const lab = "(?:lab --|lab\\.ts)";
    const [known, broken] = [drifts, faults].map((all) => all.map(({ name }) => name));
    const changed = wordsAfter(`${lab} drift`, "[a-z][a-z-]+").filter(
      (word) => !["set", "delete"].includes(word ?? ""),
    );
    expect(changed.length).toBeGreaterThan(1);
    expect(known).toEqual(expect.arrayContaining(changed));
    expect(broken).toEqual(expect.arrayContaining(wordsAfter(`${lab} fault`, "[a-z][a-z-]+")));
    expect(meddlings).toEqual(
      expect.arrayContaining(wordsAfter(`${lab} inside [a-z]+/[a-z0-9]+`, "[a-z-]+")),
    );
  });
});
