import { describe, expect, it } from "vitest";
import type { Filter, Machine } from "../../../src/world/machine.ts";
import { reach } from "../../../src/world/reachability.ts";
import { controller, managementFilter, topology } from "../../fixtures/topology.ts";

const acrossTheFabric = { protocol: "icmp", to: "10.77.121.2" } as const;
const ssh = { protocol: "tcp", to: "10.77.99.11", port: 22 } as const;

function replug(machine: Machine, index: number, segment?: string): void {
  machine.nics = machine.nics.map((nic, at) => {
    if (at !== index) return nic;
    const { segment: _before, ...loose } = nic;
    return segment === undefined ? loose : { ...loose, segment };
  });
}

function guard(machine: Machine, index: number, filter: Filter): void {
  machine.nics = machine.nics.map((nic, at) => (at === index ? { ...nic, filter } : nic));
}

describe("a packet", () => {
  it("crosses both leaves from client to client", () => {
    const { world, machines } = topology();
    const verdict = reach(world, machines.client1, acrossTheFabric);
    expect(verdict).toMatchObject({ result: "delivered", machine: { label: "client2" }, hops: 2 });
  });

  it("reaches a neighbour without any router", () => {
    const { world, machines } = topology();
    const verdict = reach(world, machines.leaf1, { protocol: "icmp", to: "10.77.110.2" });
    expect(verdict).toMatchObject({ result: "delivered", machine: { label: "leaf2" }, hops: 0 });
  });

  it("reaches the sender's own address without a wire", () => {
    const { world, machines } = topology();
    replug(machines.leaf1, 1);
    const verdict = reach(world, machines.leaf1, { protocol: "icmp", to: "10.77.110.1" });
    expect(verdict).toMatchObject({ result: "delivered", machine: { label: "leaf1" }, hops: 0 });
  });

  it("is dropped by a leaf that does not forward", () => {
    const { world, machines } = topology();
    machines.leaf1.system.forwarding = false;
    expect(reach(world, machines.client1, acrossTheFabric)).toEqual({ result: "filtered" });
    const toTheLeaf = reach(world, machines.client1, { protocol: "icmp", to: "10.77.110.1" });
    expect(toTheLeaf).toMatchObject({ result: "delivered" });
  });

  it("is lost where the way back is missing", () => {
    const { world, machines } = topology();
    machines.client2.system.routes = [];
    expect(reach(world, machines.client1, acrossTheFabric)).toEqual({ result: "filtered" });
  });

  it("finds nobody on another segment", () => {
    const { world, machines } = topology();
    replug(machines.client1, 1, "pve/fabric/130");
    expect(reach(world, machines.client1, acrossTheFabric)).toEqual({
      result: "unreachable",
      at: "10.77.120.2",
    });
  });

  it("finds nobody with an unplugged cable", () => {
    const { world, machines } = topology();
    replug(machines.client1, 1);
    expect(reach(world, machines.client1, acrossTheFabric)).toEqual({
      result: "unreachable",
      at: "10.77.120.2",
    });
  });

  it("is told by a router that nobody is there, by the address that faces the sender", () => {
    const { world, machines } = topology();
    world.machines.delete(machines.client2.id);
    expect(reach(world, machines.client1, acrossTheFabric)).toEqual({
      result: "unreachable",
      at: "10.77.110.2",
    });
  });

  it("has no way to go without a route, at the sender or at a router", () => {
    const { world, machines } = topology();
    machines.leaf2.system.routes = [{ destination: "10.77.120.0/24", via: "10.77.110.1" }];
    const nowhere = { protocol: "icmp", to: "198.51.100.1" } as const;
    expect(reach(world, machines.client1, nowhere)).toEqual({ result: "no-route", at: "10.77.110.2" });
    machines.client1.system.routes = [];
    expect(reach(world, machines.client1, nowhere)).toEqual({ result: "no-route" });
  });

  it("dies in a routing loop", () => {
    const { world, machines } = topology();
    const verdict = reach(world, machines.client1, { protocol: "icmp", to: "198.51.100.1" });
    expect(verdict).toMatchObject({ result: "expired" });
  });

  it("takes the longest prefix", () => {
    const { world, machines } = topology();
    machines.client1.system.routes.push({ destination: "10.77.121.0/24", via: "10.77.99.99" });
    expect(reach(world, machines.client1, acrossTheFabric)).toEqual({
      result: "unreachable",
      at: "10.77.99.11",
    });
  });

  it("is answered to the source address that it was sent from", () => {
    const { world, machines } = topology();
    const fromManagement = { ...acrossTheFabric, from: "10.77.99.11" };
    expect(reach(world, machines.client1, fromManagement)).toMatchObject({ result: "delivered" });
    machines.client2.system.addresses.splice(0, 1);
    machines.leaf2.system.addresses.splice(0, 1);
    machines.leaf1.system.addresses.splice(0, 1);
    expect(reach(world, machines.client1, fromManagement)).toEqual({ result: "filtered" });
  });
});

describe("a filter", () => {
  it("lets the controller in by a rule and nothing else", () => {
    const { world } = topology();
    expect(reach(world, controller, ssh)).toMatchObject({
      result: "delivered",
      machine: { label: "client1" },
    });
    expect(reach(world, controller, { ...ssh, port: 80 })).toEqual({ result: "filtered" });
  });

  it("shuts when its rule is removed", () => {
    const { world, machines } = topology();
    guard(machines.client1, 0, { ...managementFilter, rules: managementFilter.rules.slice(1) });
    expect(reach(world, controller, ssh)).toEqual({ result: "filtered" });
  });

  it("ends at the first rule that matches", () => {
    const { world, machines } = topology();
    const shut = { direction: "in", action: "drop", protocol: "any" } as const;
    guard(machines.client1, 0, { ...managementFilter, rules: [shut, ...managementFilter.rules] });
    expect(reach(world, controller, ssh)).toEqual({ result: "filtered" });
  });

  it("looks at where a packet comes from", () => {
    const { world, machines } = topology();
    const admitting = (remote: string): Filter => ({
      policyIn: "drop",
      policyOut: "accept",
      rules: [{ direction: "in", action: "accept", protocol: "tcp", remote }],
    });
    guard(machines.client1, 0, admitting("192.0.2.0/24"));
    expect(reach(world, controller, ssh)).toEqual({ result: "filtered" });
    guard(machines.client1, 0, admitting("10.77.99.1/32"));
    expect(reach(world, controller, ssh)).toMatchObject({ result: "delivered" });
  });

  it("lets replies pass that belong to what went out", () => {
    const { world, machines } = topology();
    const shut: Filter = { policyIn: "drop", policyOut: "accept", rules: [] };
    guard(machines.client1, 1, shut);
    expect(reach(world, machines.client1, acrossTheFabric)).toMatchObject({ result: "delivered" });
    const inward = { protocol: "icmp", to: "10.77.120.2" } as const;
    expect(reach(world, machines.client2, inward)).toEqual({ result: "filtered" });
  });

  it("drops a reply whose flow it has not seen", () => {
    const { world, machines } = topology();
    machines.leaf1.system.routes = [{ destination: "10.77.120.2/32", via: "10.77.99.11" }];
    const shut: Filter = { policyIn: "drop", policyOut: "accept", rules: [] };
    const roundabout = { protocol: "icmp", to: "10.77.120.1" } as const;
    expect(reach(world, machines.client1, roundabout)).toMatchObject({ result: "delivered" });
    guard(machines.client1, 0, shut);
    expect(reach(world, machines.client1, roundabout)).toEqual({ result: "filtered" });
  });

  it("filters what goes out, on every machine that a packet crosses", () => {
    const { world, machines } = topology();
    guard(machines.leaf2, 2, { policyIn: "accept", policyOut: "drop", rules: [] });
    expect(reach(world, machines.client1, acrossTheFabric)).toEqual({ result: "filtered" });
    const toTheLeaf = reach(world, machines.client1, { protocol: "icmp", to: "10.77.110.2" });
    expect(toTheLeaf).toMatchObject({ result: "delivered" });
  });
});

describe("a port", () => {
  it("refuses where nothing listens and no filter hides it", () => {
    const { world, machines } = topology();
    guard(machines.client1, 0, { policyIn: "accept", policyOut: "accept", rules: [] });
    expect(reach(world, controller, { ...ssh, port: 80 })).toMatchObject({
      result: "refused",
      machine: { label: "client1" },
    });
    expect(reach(world, controller, { ...ssh, protocol: "udp" })).toMatchObject({ result: "refused" });
  });
});

describe("a machine that says nothing", () => {
  it.each(["pve/silent", "pve/client1/silent"])("is one with the fault %s, until it is healed", (fault) => {
    const { world } = topology();
    world.breakDown(fault);
    expect(reach(world, controller, ssh)).toEqual({ result: "filtered" });
    world.heal();
    expect(reach(world, controller, ssh)).toMatchObject({ result: "delivered" });
  });

  it("is not one where another is silenced", () => {
    const { world } = topology();
    world.breakDown("pve/client2/silent");
    expect(reach(world, controller, ssh)).toMatchObject({ result: "delivered" });
  });

  it("is one that still boots", () => {
    const { world, clock } = topology();
    clock.now = 299;
    expect(reach(world, controller, ssh)).toEqual({ result: "filtered" });
    clock.now = 300;
    expect(reach(world, controller, ssh)).toMatchObject({ result: "delivered" });
  });

  it("does not forward either", () => {
    const { world, machines } = topology();
    world.breakDown("pve/leaf2/silent");
    expect(reach(world, machines.client1, acrossTheFabric)).toEqual({ result: "filtered" });
  });

  it("is not even there when it is switched off", () => {
    const { world, machines } = topology();
    world.machines.delete(machines.client1.id);
    expect(reach(world, controller, ssh)).toEqual({ result: "unreachable", at: "10.77.99.1" });
  });
});
