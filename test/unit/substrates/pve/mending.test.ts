import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { CheckKey } from "../../../../src/check/key.ts";
import { mends } from "../../../../src/substrates/pve/repair.ts";
import { ByHand } from "../../../../src/substrates/substrate.ts";
import { type Provisioned, startProvisioned } from "./provisioned.ts";

let substrate: Provisioned;
beforeAll(async () => {
  substrate = await startProvisioned();
}, 300_000);
afterAll(() => substrate[Symbol.asyncDispose]());
afterEach(() => substrate.heal());

/** Mends what these answers fail in; gives what was done, or what a person is told. */
async function mendAll(answers: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const failed = keysOf(answers);
  const said: string[] = [];
  for (const mend of mends(substrate.config, failed)) {
    const done = await mend.apply(AbortSignal.timeout(20_000)).catch((error: unknown) => {
      if (error instanceof ByHand) return { action: `by hand: ${error.advice}` };
      throw error;
    });
    if (done !== undefined) said.push(`${mend.target}: ${done.action}`);
  }
  return said;
}

function keysOf(answers: Readonly<Record<string, string>>): readonly CheckKey[] {
  const known = [...substrate.config.guests, ...substrate.config.bridges].map(({ name }) => name);
  const targets = [...known, ...substrate.config.nodes];
  return Object.keys(answers).flatMap((text): CheckKey[] => {
    const [id = "", of] = text.split("@");
    const [room = "", ...rest] = id.split(".");
    const check = `${room}.${rest.join(".")}` as const;
    if (of === undefined) return [check];
    return targets.flatMap((target) => (target === of ? [`${check}@${target}` as const] : []));
  });
}

async function failing(check: string): Promise<Readonly<Record<string, string>>> {
  const answers = Object.entries(await substrate.ask([check]));
  return Object.fromEntries(answers.filter(([, words]) => words.startsWith("fail")));
}

describe("what a refresh does not see", () => {
  it.each([
    ["bridge-comment-gone", ["fabric-b: set comment"]],
    ["bridge-ports-emptied", ["fabric-b: set ports"]],
    ["bridge-change-staged", ["pve1: reverted the staged network changes"]],
    ["foreign-change-staged", ["pve2: reverted the staged network changes"]],
    ["vm-extra-disk", ["client1: removed 1 drives"]],
    ["vm-boot-order", ["leaf2: set bootOrders, restarted for settings that waited"]],
    ["vm-protected", ["leaf1: removed 1 settings"]],
    ["vm-paused", ["leaf2: resumed"]],
    ["seed-outdated", ["client1: regenerated the config drive, restarted"]],
    ["firewall-options-reset", ["client1-firewall: set enabled, inputPolicy, outputPolicy, dhcp, macfilter"]],
  ])("as %s is mended, and passes then", async (name, said) => {
    const { check } = await substrate.drift(name);
    const before = await failing(check);
    expect(before).not.toEqual({});
    expect(await mendAll(before)).toEqual(said);
    expect(await failing(check)).toEqual({});
  });

  it.each([
    ["vm-locked", /^client2: by hand: .*qm unlock/],
    ["vm-copied", /^inventory: by hand: .*pvesh get/],
    ["datastore-without-images", /^pve1: by hand: .*pvesm set local-lvm/],
    ["firewall-off-datacenter", /^datacenter: by hand: .*--enable 1/],
  ])("as %s is for a person, who is told the command", async (name, said) => {
    const { check } = await substrate.drift(name);
    const told = await mendAll(await failing(check));
    expect(told.filter((line) => said.test(line))).toHaveLength(1);
    expect(told.every((line) => line.includes("by hand"))).toBe(true);
    expect(told.join()).not.toMatch(/\b9\d{3}\b/);
  });

  it("as another file in the image's place is removed, for the engine to make it", async () => {
    const { check } = await substrate.drift("image-replaced");
    expect(await mendAll(await failing(check))).toEqual([
      "image: removed a file that was not the declared image",
    ]);
    expect(await failing(check)).toEqual({ [check]: "fail: the base image does not exist" });
  });

  it("as an argument that only root may set is out of a mend's reach, and the VM is not restarted for it", async () => {
    const { check } = await substrate.drift("vm-arguments");
    const before = await failing(check);
    expect(await mendAll(before)).toEqual([]);
    expect(await failing(check)).toEqual(before);
  });
});
