import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Bench, type Certified, resultsOf } from "./bench.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start({ provision: true });
});
afterEach(async () => void (await bench.lab("heal")));
afterAll(() => bench[Symbol.asyncDispose]());

/** Handfuls of drifts that do not hide each other, so that one repair is put to all of them. */
const mended = {
  "what the engine sees": [
    ...[
      "bridge-change-staged",
      "image-gone",
      "template-renamed",
      "vm-stopped",
      "seed-outdated",
      "vm-untagged",
    ],
    ...["firewall-rule-added", "firewall-rule-removed", "firewall-rules-swapped", "firewall-off-interface"],
  ],
  "a bridge that the engine sees": ["bridge-not-vlan-aware"],
  "VMs that are switched or gone": ["agent-disabled", "vm-deleted"],
  "what lets through too much": ["vlan-leak", "firewall-open"],
  "a VM on another node": ["vm-moved"],
  "what a refresh does not see": [
    ...["bridge-comment-gone", "foreign-change-staged", "image-replaced", "vm-extra-disk", "vm-boot-order"],
    ...["vm-protected", "firewall-options-reset", "serial-removed", "template-drive-added"],
  ],
  "what can only be made anew, or goes on": ["bridge-ports-emptied", "vm-arguments", "vm-paused"],
  "what a node's kernel does": ["bridge-live-unfiltered", "agent-refuses-exec"],
  "what guests were made from": ["seed-damaged", "seed-stale", "user-data-changed", "forwarding-off"],
  "what guests have become": ["instance-changed", "hostname-changed", "cloud-init-failed", "address-added"],
  "what guests can be reached by": ["address-lost", "mtu-lowered"],
  "what is no longer among the cloud-init settings": [
    ...["seed-keys-removed", "seed-address-removed", "seed-resolver-removed"],
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** What is not ours to change: what to do, and what else is seen to be wrong as long as nobody does it. */
const byHand = [
  { drift: "vm-locked", command: "qm unlock", exit: 3 },
  { drift: "vm-copied", command: "pvesh get /cluster/resources", exit: 3 },
  // Packets pass that must not.
  { drift: "firewall-off-datacenter", command: "pvesh set /cluster/firewall/options --enable 1", exit: 1 },
  { drift: "datastore-without-images", command: "pvesm set local-lvm", exit: 3 },
];

/** Brings drifts about and looks: each must be caught by its check. */
async function caught(drifts: readonly string[]): Promise<Certified> {
  const listed = await bench.listed("drift");
  for (const drift of drifts) await bench.lab("drift", drift);
  const certified = await bench.certify();
  expect(certified.exit).toBe(1);
  for (const { name, check } of listed.filter((each) => drifts.includes(each.name)))
    expect(Object.values(resultsOf(certified.manifest, check)), `${name}: ${check}`).toContain("fail");
  return certified;
}

describe("a prepared drift", () => {
  it("is one of these", async () => {
    const listed = (await bench.listed("drift")).map(({ name }) => name);
    expect([...Object.values(mended).flat(), ...byHand.map(({ drift }) => drift)].toSorted()).toEqual(
      listed.toSorted(),
    );
  });

  it.each(Object.entries(mended))(
    "in %s is caught by its check, and repaired with records that were verified",
    async (_, drifts) => {
      await caught(drifts);
      const { exit, manifest } = await bench.certify("--repair");
      const wrong = manifest?.checks.filter(({ result }) => result !== "pass").map(({ summary }) => summary);
      expect({ exit, wrong }).toEqual({ exit: 0, wrong: [] });
      const { repairs = [] } = manifest ?? {};
      expect(repairs.filter(({ result }) => result !== "pass")).toEqual([]);
      expect(repairs.length).toBeGreaterThan(0);
      for (const { verifiedBy } of repairs) expect(verifiedBy.split(", ").length).toBeGreaterThan(1);
    },
  );

  it.each(byHand)(
    "as $drift is caught, left to a person with the command, and blocked meanwhile",
    async ({ drift, command, exit }) => {
      await caught([drift]);
      const before = await bench.effects();
      const { stdout, stderr, manifest, ...ended } = await bench.certify("--repair");
      expect(ended.exit).toBe(exit);
      expect(new Set(manifest?.repairs.map(({ result }) => result))).toEqual(new Set(["blocked"]));
      expect(stdout + stderr).toContain(command);
      expect(await bench.effects()).toBe(before);
    },
  );
});

it("what the engine can not put right, as no disk shrinks, does not keep it from putting right the rest", async () => {
  await bench.lab("drift", "set", "pve/template.disks[0].size=9");
  await bench.lab("drift", "vm-untagged");
  await bench.lab("drift", "firewall-rule-added");
  const { exit, manifest } = await bench.certify("--repair");
  expect(exit).toBe(3);
  const repairs = Object.groupBy(manifest?.repairs ?? [], ({ result }) => result);
  expect(repairs.blocked?.map(({ target }) => target)).toEqual(["template", "template"]);
  expect(repairs.pass?.map(({ target }) => target)).toEqual(
    expect.arrayContaining(["client2", "leaf1-rules"]),
  );
  expect(resultsOf(manifest, "pve.inventory")).toEqual({ "": "pass" });
});

describe("everything that was said on the way", () => {
  it("holds no address, no VM id, no token", () => {
    const said = bench.said.join("\n");
    expect(said).not.toMatch(/\b10\.77\.\d+\.\d+/);
    expect(said).not.toMatch(/\b9(000|10[1-4]|199)\b/);
    expect(said).not.toMatch(/PVEAPIToken|BEGIN [A-Z ]*PRIVATE KEY/);
  });
});
