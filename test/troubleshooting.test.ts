import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { driftCheck } from "../src/certification/drift.ts";
import { pve } from "../src/substrates/pve/substrate.ts";
import { believing, nowhere } from "./support/checks.ts";
import { labConfig } from "./support/pve.ts";

const project = fileURLToPath(new URL("..", import.meta.url));

/** Every id that a certification can answer with. */
async function planned(): Promise<string[]> {
  await using closing = new AsyncDisposableStack();
  const config = {
    ...labConfig(),
    "pve:endpoint": "https://127.0.0.1:8006/",
    "pve:token": "t",
    "pve:fingerprint": Array(32).fill("AA").join(":"),
    "substrate:sshKey": "k",
  };
  const checks = pve.open(config, "the test").plan({
    invoke: () => Promise.reject(new TypeError("nothing is asked")),
    run: undefined,
    ...{ hostKeys: believing, edge: nowhere },
    idOf: () => undefined,
    repair: true,
    debug: () => undefined,
    closing,
  });
  const drift = driftCheck(pve.name, [], async () => undefined);
  return [...new Set([...checks, drift].map(({ id }) => id))].sort();
}

/** Ids in the first column of a section's table, or anywhere in it. */
async function written(file: string, heading: string, pattern: RegExp): Promise<string[]> {
  const text = await readFile(join(project, file), "utf8");
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  return [...section.matchAll(pattern)].map(([, id = ""]) => id).sort();
}

it("TROUBLESHOOTING.md has one row for each check that there is, and for no other", async () => {
  expect(await written("TROUBLESHOOTING.md", "By check", /^\| `([\w.]+)` \|/gm)).toEqual(await planned());
});

it("README.md names each check that is looked at once, and no other", async () => {
  expect(await written("README.md", "What is looked at", /`((?:pve|g)\.[a-z0-9.]+)`/g)).toEqual(
    await planned(),
  );
});
