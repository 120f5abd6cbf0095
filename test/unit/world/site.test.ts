import { beforeEach, describe, expect, it } from "vitest";
import { datagram } from "../../../src/probes/readers/udp.ts";
import { boot } from "../../../src/world/boot.ts";
import { execute } from "../../../src/world/commands.ts";
import type { Filter, Machine, Nic } from "../../../src/world/machine.ts";
import { reach } from "../../../src/world/reachability.ts";
import { World } from "../../../src/world/world.ts";

const ping = { protocol: "icmp" } as const;
const wireguard = { protocol: "udp", port: 51820 } as const;
const siteAddress = "192.0.2.77";

let world: World;
let inside: Machine;
let neighbour: Machine;
let cloud: Machine;

function guest(label: string, address: string, nic: Partial<Nic> & { gateway: string }): Machine {
  const { gateway, ...wire } = nic;
  const nics = [{ address: `${address}/24`, gateway }];
  const seed = { datasource: "none", instanceId: label, hostname: label, userData: "", users: {}, nics };
  const system = boot(seed, undefined, { agent: false, forwarding: false, responders: ["udp:51820"] });
  const machine: Machine = {
    ...{ id: label, substrate: "site", label, startedAt: 0, readyAt: 0, system },
    nics: [{ mac: `02:00:00:00:00:${address.slice(-2)}`, ...wire }],
  };
  world.machines.set(label, machine);
  return machine;
}

beforeEach(() => {
  world = new World();
  const lan = { segment: "lan", gateway: "10.9.0.254" };
  inside = guest("inside", "10.9.0.15", lan);
  neighbour = guest("neighbour", "10.9.0.16", lan);
  const routed = { address: "10.0.1.11", publicAddress: "203.0.113.11", guarded: true };
  cloud = guest("cloud", "10.0.1.11", { segment: "cloud", gateway: "10.0.1.1", routed });
  world.subnets.set("cloud", {
    ...{ network: "n", gateway: "10.0.1.1", connected: true },
    routes: [{ destination: "0.0.0.0/0", target: "internet" }],
  });
  world.sites.add({
    ...{ substrate: "site", segment: "lan", address: "10.9.0.254/24", publicAddress: siteAddress },
    forwards: [
      { ...wireguard, to: "10.9.0.15" },
      { ...ping, to: "10.9.0.15" },
    ],
  });
});

describe("out of a site", () => {
  it("everybody is seen as the site's address, and gets the answer", () => {
    for (const source of [inside, neighbour])
      expect(reach(world, source, { ...wireguard, to: "203.0.113.11" })).toMatchObject({
        ...{ result: "delivered", machine: cloud, seen: siteAddress },
      });
  });

  it("the answer comes back to who asked, also where the site forwards nothing", () => {
    world.breakDown("site/site/unforwarded");
    expect(reach(world, neighbour, { ...ping, to: "203.0.113.11" }).result).toBe("delivered");
    const { probe, nonce } = datagram("udp", { address: "203.0.113.11", port: 51820 });
    expect(execute(world, neighbour, probe.argv).stdout).toBe(`${nonce} ${siteAddress}\n`);
  });

  it("nothing goes without a gateway, and nothing comes back from who is shut", () => {
    neighbour.system.routes = [];
    expect(reach(world, neighbour, { ...ping, to: "203.0.113.11" }).result).toBe("no-route");
    cloud.nics = cloud.nics.map((nic) => ({ ...nic, filter: shut }));
    expect(reach(world, inside, { ...ping, to: "203.0.113.11" }).result).toBe("filtered");
  });
});

const shut: Filter = { policyIn: "drop", policyOut: "accept", rules: [] };

describe("into a site", () => {
  it("comes what is forwarded, from whoever sent it, and is answered", () => {
    expect(reach(world, cloud, { ...wireguard, to: siteAddress })).toMatchObject({
      ...{ result: "delivered", machine: inside, seen: "203.0.113.11" },
    });
    expect(reach(world, cloud, { ...ping, to: siteAddress })).toMatchObject({ machine: inside });
  });

  it("comes nothing else: no other port, no address of the inside, nothing past the guest's own firewall", () => {
    expect(reach(world, cloud, { protocol: "udp", port: 51821, to: siteAddress }).result).toBe("filtered");
    expect(reach(world, cloud, { protocol: "tcp", port: 22, to: siteAddress }).result).toBe("filtered");
    expect(reach(world, cloud, { ...ping, to: "10.9.0.15" }).result).toBe("filtered");
    inside.nics = inside.nics.map((nic) => ({ ...nic, filter: shut }));
    expect(reach(world, cloud, { ...wireguard, to: siteAddress }).result).toBe("filtered");
  });

  it("comes nothing while the router forwards nothing, though it still leads out", () => {
    world.breakDown("site/site/unforwarded");
    expect(reach(world, cloud, { ...wireguard, to: siteAddress }).result).toBe("filtered");
    expect(reach(world, cloud, { ...ping, to: siteAddress }).result).toBe("filtered");
    expect(reach(world, inside, { ...wireguard, to: "203.0.113.11" }).result).toBe("delivered");
  });

  it("comes nothing back to one whose gateway is another", () => {
    inside.system.routes = [{ destination: "0.0.0.0/0", via: "10.9.0.253" }];
    expect(reach(world, cloud, { ...wireguard, to: siteAddress }).result).toBe("filtered");
  });
});
