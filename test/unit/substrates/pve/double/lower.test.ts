import { afterEach, beforeEach, expect, test } from "vitest";
import type { Nic } from "../../../../../src/world/machine.ts";
import { type FarEnd, startFarEnd } from "./farend.ts";
import { done, makeGuest, makeTemplate } from "./guests.ts";

let far: FarEnd;
beforeEach(async () => {
  far = await startFarEnd();
  await makeTemplate(far);
  const nics = [
    { vlan: 99, address: "10.77.99.11/24", firewall: 1 },
    { vlan: 120, address: "10.77.120.2/24" },
  ] as const;
  await makeGuest(far, { vmid: 9101, name: "client1", node: "pve1", nics });
  await makeGuest(far, { vmid: 9104, name: "client2", node: "pve2", nics });
});
afterEach(() => far[Symbol.asyncDispose]());

const at = "/nodes/pve1/qemu/9101";
const nicsOf = (vmid: number): readonly Nic[] => far.world.machines.get(`pve/${vmid}`)?.nics ?? [];
const segmentsOf = (vmid: number) => nicsOf(vmid).map(({ segment }) => segment);

async function changeBridge(node: string, form: Readonly<Record<string, string>>): Promise<void> {
  await done(far, "PUT", `/nodes/${node}/network/vmbr1`, { iface: "vmbr1", type: "bridge", ...form });
  await done(far, "PUT", `/nodes/${node}/network`);
}

test("guests of both nodes meet in the VLANs of the fabric that their bridges are cabled to", () => {
  expect(segmentsOf(9101)).toEqual(["pve/fabric/99", "pve/fabric/120"]);
  expect(segmentsOf(9104)).toEqual(["pve/fabric/99", "pve/fabric/120"]);
});

test("a bridge that is no longer VLAN-aware cuts its guests off once that is applied, and no others", async () => {
  await done(far, "PUT", "/nodes/pve1/network/vmbr1", {
    iface: "vmbr1",
    type: "bridge",
    bridge_vlan_aware: "0",
  });
  expect(segmentsOf(9101)).toEqual(["pve/fabric/99", "pve/fabric/120"]);
  await done(far, "PUT", "/nodes/pve1/network");
  expect(segmentsOf(9101)).toEqual([undefined, undefined]);
  expect(segmentsOf(9104)).toEqual(["pve/fabric/99", "pve/fabric/120"]);
  await changeBridge("pve1", { bridge_vlan_aware: "1" });
  expect(segmentsOf(9101)).toEqual(["pve/fabric/99", "pve/fabric/120"]);
});

test("a VLAN that a bridge does not pass, and a bridge without a cable, part guests", async () => {
  await changeBridge("pve1", { bridge_vids: "2-99 130" });
  expect(segmentsOf(9101)).toEqual(["pve/fabric/99", undefined]);
  await changeBridge("pve1", { bridge_ports: "", bridge_vids: "2-4094" });
  expect(segmentsOf(9101)).toEqual(["pve/pve1/vmbr1/99", "pve/pve1/vmbr1/120"]);
});

test("another tag, or none, or a pulled cable, moves a running guest at once", async () => {
  const net1 = String(far.cluster.vms.get(9101)?.config.get("net1"));
  await done(far, "PUT", `${at}/config`, { net1: net1.replace("tag=120", "tag=121") });
  expect(segmentsOf(9101)).toEqual(["pve/fabric/99", "pve/fabric/121"]);
  await done(far, "PUT", `${at}/config`, { net1: net1.replace(",tag=120", "") });
  expect(segmentsOf(9101)).toEqual(["pve/fabric/99", "pve/fabric/untagged"]);
  await done(far, "PUT", `${at}/config`, { net1: `${net1},link_down=1` });
  expect(segmentsOf(9101)).toEqual(["pve/fabric/99", undefined]);
});

test("a firewall stands before an interface where cluster, VM and interface have it on", async () => {
  expect(nicsOf(9101)[0]?.filter).toBeUndefined();
  await done(far, "PUT", `${at}/firewall/options`, { enable: "1", policy_in: "DROP" });
  const rule = { type: "in", action: "ACCEPT", enable: "1" };
  await done(far, "POST", `${at}/firewall/rules`, { ...rule, proto: "icmp", dest: "", macro: "" });
  await done(far, "POST", `${at}/firewall/rules`, {
    ...rule,
    proto: "tcp",
    dport: "22",
    source: "10.77.99.0/24",
  });
  await done(far, "POST", `${at}/firewall/rules`, { ...rule, enable: "0", proto: "tcp", dport: "23" });
  expect(nicsOf(9101)[0]?.filter).toEqual({
    policyIn: "drop",
    policyOut: "accept",
    rules: [
      { direction: "in", action: "accept", protocol: "tcp", ports: [22, 22], remote: "10.77.99.0/24" },
      { direction: "in", action: "accept", protocol: "icmp" },
    ],
  });
  expect(nicsOf(9101)[1]?.filter).toBeUndefined();
  await done(far, "PUT", `${at}/firewall/options`, { enable: "0" });
  expect(nicsOf(9101)[0]?.filter).toBeUndefined();
});

test("rules that name aliases and IP sets mean what these hold now", async () => {
  await done(far, "POST", "/cluster/firewall/aliases", { name: "lab_net", cidr: "10.77.0.0/16" });
  await done(far, "POST", "/cluster/firewall/ipset", { name: "hosts" });
  await done(far, "POST", "/cluster/firewall/ipset/hosts", { cidr: "10.77.0.11" });
  await done(far, "PUT", `${at}/firewall/options`, { enable: "1" });
  for (const source of ["lab_net", "+hosts"])
    await done(far, "POST", `${at}/firewall/rules`, { type: "in", action: "ACCEPT", enable: "1", source });
  const remotes = () => nicsOf(9101)[0]?.filter?.rules.map(({ remote }) => remote);
  expect(remotes()).toEqual(["10.77.0.11/32", "10.77.0.0/16"]);
  await done(far, "POST", "/cluster/firewall/ipset/hosts", { cidr: "10.77.1.12" });
  expect(remotes()).toEqual(["10.77.0.11/32", "10.77.1.12/32", "10.77.0.0/16"]);
  const unknown = { type: "in", action: "ACCEPT", source: "nowhere" };
  expect((await far.send("POST", `${at}/firewall/rules`, { form: unknown })).status).toBe(400);
});
