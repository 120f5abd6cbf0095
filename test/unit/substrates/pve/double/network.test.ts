import { afterEach, beforeEach, expect, test } from "vitest";
import { type FarEnd, startFarEnd } from "./farend.ts";
import { done } from "./guests.ts";

let far: FarEnd;
beforeEach(async () => {
  far = await startFarEnd();
});
afterEach(() => far[Symbol.asyncDispose]());

const bridge = { iface: "vmbr7", type: "bridge", autostart: "1", bridge_ports: "eno2" };

test("a staged bridge is listed, told as a difference, and not in force until the reload", async () => {
  await done(far, "POST", "/nodes/pve1/network", { ...bridge, bridge_vlan_aware: "1" });
  const staged = await far.send("GET", "/nodes/pve1/network", { query: { type: "bridge" } });
  expect(staged.data).toContainEqual(expect.objectContaining({ iface: "vmbr7", bridge_vids: "2-4094" }));
  expect(staged.data).not.toContainEqual(expect.objectContaining({ iface: "vmbr7", active: 1 }));
  expect(staged.changes).toContain("+iface vmbr7 inet manual\n");
  expect(far.cluster.nodes.get("pve1")?.live.has("vmbr7")).toBe(false);

  await done(far, "PUT", "/nodes/pve1/network");
  const applied = await far.send("GET", "/nodes/pve1/network");
  expect(applied.changes).toBeUndefined();
  expect(applied.data).toContainEqual(expect.objectContaining({ iface: "vmbr7", active: 1, autostart: 1 }));
});

test("a change that is taken back before the reload leaves no difference", async () => {
  await done(far, "PUT", "/nodes/pve2/network/vmbr1", { iface: "vmbr1", type: "bridge", mtu: "9000" });
  expect((await far.send("GET", "/nodes/pve2/network")).changes).toContain("-\tmtu 1500\n+\tmtu 9000\n");
  await done(far, "PUT", "/nodes/pve2/network/vmbr1", { iface: "vmbr1", type: "bridge", mtu: "1500" });
  expect((await far.send("GET", "/nodes/pve2/network")).changes).toBeUndefined();
});

test("VLAN ids are told only of VLAN-aware bridges, and MTUs as text", async () => {
  await done(far, "POST", "/nodes/pve1/network", { ...bridge, mtu: "1500" });
  const { data } = await far.send("GET", "/nodes/pve1/network/vmbr7");
  expect(data).toMatchObject({ mtu: "1500", bridge_ports: "eno2" });
  expect(data).not.toHaveProperty("bridge_vids");
  expect(data).not.toHaveProperty("bridge_vlan_aware");
});

test("a port belongs to one bridge, and a name to one interface", async () => {
  const taken = await far.send("POST", "/nodes/pve2/network", { form: bridge });
  expect([taken.status, taken.reason]).toEqual([500, "port 'eno2' is already used on interface 'vmbr1'"]);
  const twice = await far.send("POST", "/nodes/pve2/network", { form: { ...bridge, iface: "vmbr1" } });
  expect([twice.status, twice.errors]).toEqual([400, { iface: "interface already exists" }]);
});
