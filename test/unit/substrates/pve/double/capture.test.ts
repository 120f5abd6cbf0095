import { crc32 } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { capture } from "../../../../../src/substrates/pve/double/capture.ts";
import { type FarEnd, startFarEnd } from "./farend.ts";
import { done, makeGuest, makeTemplate } from "./guests.ts";

let far: FarEnd;
beforeEach(async () => {
  far = await startFarEnd();
  await makeTemplate(far);
  await makeGuest(far, {
    ...{ vmid: 9101, name: "client1", node: "pve1" },
    nics: [{ vlan: 99, address: "10.77.99.11/24", firewall: 1 }],
  });
  await done(far, "PUT", `${at}/firewall/options`, { enable: "1", policy_in: "DROP" });
  await done(far, "POST", `${at}/firewall/rules`, {
    type: "in",
    action: "ACCEPT",
    enable: "1",
    proto: "icmp",
  });
});
afterEach(() => far[Symbol.asyncDispose]());

const at = "/nodes/pve1/qemu/9101";

/** All that can be asked and all that is wired, without what any change makes new. */
function everything(): string {
  const { world, tasks: _tasks, tokens: _tokens, ...state } = far.cluster;
  const shown = [...Object.values(state), world.machines];
  return JSON.stringify(shown, (_, value) => (value instanceof Map ? [...value].sort() : value));
}

test("a deleted VM comes back with its disks, its firewall and its running guest", async () => {
  const before = everything();
  const restore = capture(far.cluster, "proxmoxve:index/vmLegacy:VmLegacy", "9101");
  await far.drift("POST", `${at}/status/stop`);
  await far.drift("DELETE", at);
  expect(everything()).not.toBe(before);
  restore();
  expect(everything()).toBe(before);
  expect((await far.send("POST", `${at}/agent/ping`)).status).toBe(200);
});

test("a changed bridge comes back, and its guests with it", async () => {
  const before = everything();
  const restore = capture(far.cluster, "proxmoxve:network/linux/bridge:Bridge", "pve1:vmbr1");
  await far.drift("PUT", "/nodes/pve1/network/vmbr1", {
    iface: "vmbr1",
    type: "bridge",
    bridge_vlan_aware: "0",
  });
  await far.drift("PUT", "/nodes/pve1/network");
  expect(far.world.machines.get("pve/9101")?.nics[0]?.segment).toBeUndefined();
  restore();
  expect(everything()).toBe(before);
});

test("options and rules of a firewall come back each for itself", async () => {
  const path = "nodes/pve1/qemu/9101/firewall";
  const before = everything();
  const options = capture(
    far.cluster,
    "proxmoxve:firewall/optionsLegacy:OptionsLegacy",
    `options-${crc32(`${path}/options`)}`,
  );
  const rules = capture(
    far.cluster,
    "proxmoxve:firewall/rulesLegacy:RulesLegacy",
    `rule-${crc32(`${path}/rules`)}`,
  );
  await far.drift("PUT", `${at}/firewall/options`, { enable: "0" });
  await far.drift("DELETE", `${at}/firewall/rules/0`);
  options();
  expect((await far.send("GET", `${at}/firewall/options`)).data).toMatchObject({ enable: 1 });
  expect((await far.send("GET", `${at}/firewall/rules`)).data).toEqual([]);
  rules();
  expect(everything()).toBe(before);
});

test("a deleted image comes back, and a type that nobody knows is an error", async () => {
  const before = everything();
  const restore = capture(far.cluster, "proxmoxve:download/file:File", "local:import/noble.qcow2");
  await far.drift("DELETE", "/nodes/pve1/storage/local/content/local:import%2Fnoble.qcow2");
  expect(everything()).not.toBe(before);
  restore();
  expect(everything()).toBe(before);
  expect(() => capture(far.cluster, "proxmoxve:index/pool:Pool", "prod")).toThrow("unknown resource type");
});
