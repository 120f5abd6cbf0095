// What tests of bad days share: how to make one, and how to tell what it came to.

import { chmod, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { execa } from "execa";
import { expect } from "vitest";
import type { Bench, Certified } from "./bench.ts";
import { resultsOf } from "./bench.ts";
import { processesWith } from "./processes.ts";

/** The stack that is certified. */
export const stack = "lab-pve";

/** Every check that is not blocked behind a closed gate, by its key. */
export function told({ manifest }: Pick<Certified, "manifest">): Record<string, string> {
  const checks = manifest?.checks.filter(({ summary }) => !/ is (blocked|fail)$/.test(summary ?? "")) ?? [];
  return Object.fromEntries(
    checks.map(({ name, target, result }) => [target === undefined ? name : `${name}@${target}`, result]),
  );
}

/** The keys of what {@link told} and did not pass. */
export function unpassed(certified: Pick<Certified, "manifest">): string[] {
  const wrong = Object.entries(told(certified)).filter(([, result]) => result !== "pass");
  return wrong.map(([key]) => key).sort();
}

export function allPassed({ manifest }: Pick<Certified, "manifest">, ids: readonly string[]): void {
  for (const id of ids)
    expect(new Set(Object.values(resultsOf(manifest, id))), id).toEqual(new Set(["pass"]));
}

/** The lab met with other stack config than its own. */
export async function withConfig(
  bench: Bench,
  changes: Readonly<Record<string, unknown>>,
  of = stack,
): Promise<Bench> {
  const overlay = JSON.parse(await readFile(bench.home.overlay, "utf8"));
  const file = join(bench.folder, "overlay.json");
  await writeFile(file, JSON.stringify({ ...overlay, [of]: { ...overlay[of], ...changes } }), {
    mode: 0o600,
  });
  return bench.with({ SUBSTRATE_OVERLAY: file });
}

/** Certifies while far ends are broken. */
export async function withFaults<T>(
  bench: Bench,
  names: readonly string[],
  run: () => Promise<T>,
): Promise<T> {
  for (const name of names) await bench.lab("fault", name);
  try {
    return await run();
  } finally {
    await bench.lab("heal");
  }
}

/** Certifies while alice has been updating a stack on another machine for five minutes. */
export async function whileUpdated<T>({ home }: Bench, of: string, run: () => Promise<T>): Promise<T> {
  const timestamp = new Date(Date.now() - 5 * 60_000).toISOString();
  const folder = join(home.backend, ".pulumi/locks/organization/substrate", of);
  await mkdir(folder, { recursive: true });
  const lock = join(folder, "alice.json");
  await writeFile(lock, JSON.stringify({ pid: 4711, username: "alice", hostname: "builder", timestamp }));
  try {
    return await run();
  } finally {
    await rm(lock);
  }
}

/** The processes of the bench but the lab itself and this test. */
export async function left(bench: Bench): Promise<string[]> {
  const lab = (await bench.home.readTicket())?.pid ?? 0;
  return processesWith(`SUBSTRATE_LAB=${bench.home.path}`, [lab, process.pid]);
}

/** Resolves when a running command has said something; throws where it ends without. */
export async function says(running: { readonly all?: Readable | undefined }, what: RegExp): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let heard = "";
  running.all?.on("data", (chunk: Buffer) => {
    heard += chunk;
    if (what.test(heard)) resolve();
  });
  running.all?.once("close", () => reject(new Error(`ended without saying ${what}:\n${heard}`)));
  await promise;
}

/** Node's fetch goes through a proxy that is not there. */
export const offline = {
  NODE_USE_ENV_PROXY: "1",
  HTTPS_PROXY: "http://127.0.0.1:1",
  https_proxy: "http://127.0.0.1:1",
};

/** A folder for PATH with what the entry point's three lines need, and these scripts. */
export async function tools(bench: Bench, scripts: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(bench.folder, `bin-${Object.keys(scripts).join("-")}`);
  await mkdir(folder, { recursive: true });
  for (const name of ["dirname", "sleep"])
    await symlink((await execa("which", [name])).stdout, join(folder, name));
  for (const [name, text] of Object.entries(scripts)) {
    await writeFile(join(folder, name), text);
    await chmod(join(folder, name), 0o755);
  }
  return folder;
}

/** Refuses addresses, VM ids, tokens, far ends' text and terminal controls in anything that was said. */
export async function expectDiscreet(bench: Bench): Promise<void> {
  const overlay = JSON.parse(await readFile(bench.home.overlay, "utf8"))[stack];
  const words = bench.said.join("\n").replaceAll("http://192.0.2.1/", "");
  expect(words.length).toBeGreaterThan(1_000);
  const secrets = [
    overlay["pve:token"].split("=")[1],
    overlay["substrate:sshKey"],
    overlay["pve:fingerprint"],
  ];
  for (const secret of secrets) expect(words).not.toContain(secret);
  expect(words.match(/\b(10\.77|192\.0\.2|127\.0\.0)\.\d+\.?\d*/g)).toBeNull();
  expect(words.match(/\b(9000|910[1-5])\b/g)).toBeNull();
  expect(words).not.toMatch(/UPID:|PVEAPIToken|BEGIN OPENSSH|pwned|owned|got timeout|no such host|<html>/);
  expect(words.match(/(?!\n)\p{Cc}/gu)).toBeNull();
}
