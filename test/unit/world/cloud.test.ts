import { beforeEach, describe, expect, it } from "vitest";
import { datagram } from "../../../src/probes/readers/udp.ts";
import { boot } from "../../../src/world/boot.ts";
import { execute } from "../../../src/world/commands.ts";
import type { Filter, Machine, Nic } from "../../../src/world/machine.ts";
import { reach } from "../../../src/world/reachability.ts";
import { type CloudRoute, internet } from "../../../src/world/subnet.ts";
import { World } from "../../../src/world/world.ts";

const everywhere: CloudRoute[] = [
  { destination: "10.0.0.0/16", target: "local" },
  { destination: "0.0.0.0/0", target: "internet" },
];
const certifier = { segment: internet, address: "198.51.100.10/0" };
const ping = { protocol: "icmp" } as const;

let world: World;
let a: Machine;
let b: Machine;

/** A guest of subnet `cloud/<third byte>` with a public address that ends as its own does. */
function guest(label: string, address: string, routed: Partial<NonNullable<Nic["routed"]>> = {}): Machine {
  const [, , third = "", last = ""] = address.split(".");
  const nics = [{ address: `${address}/24`, gateway: `10.0.${third}.1` }];
  const seed = { datasource: "none", instanceId: label, hostname: label, userData: "", users: {}, nics };
  const system = boot(seed, undefined, { agent: false, forwarding: false });
  system.listening.push({ protocol: "udp", port: 51820 });
  const machine: Machine = {
    ...{ id: `cloud/${label}`, substrate: "cloud", label, startedAt: 0, readyAt: 0, system },
    nics: [
      {
        mac: `02:00:00:00:00:${last}`,
        segment: `cloud/${third}`,
        routed: { address, publicAddress: `203.0.113.${last}`, guarded: true, ...routed },
      },
    ],
  };
  world.machines.set(machine.id, machine);
  return machine;
}

function change(machine: Machine, nic: Partial<Nic>): void {
  machine.nics = machine.nics.map((one) => ({ ...one, ...nic }));
}

function connect(routes: readonly CloudRoute[], connected = true): void {
  for (const subnet of ["1", "2"])
    world.subnets.set(`cloud/${subnet}`, { network: "n", gateway: `10.0.${subnet}.1`, routes, connected });
}

beforeEach(() => {
  world = new World();
  connect(everywhere);
  a = guest("a", "10.0.1.11");
  b = guest("b", "10.0.2.12");
});

describe("inside a cloud's network", () => {
  it("subnets reach each other by local routes, and nothing without one", () => {
    expect(reach(world, a, { ...ping, to: "10.0.2.12" })).toMatchObject({
      result: "delivered",
      seen: "10.0.1.11",
    });
    connect([]);
    expect(reach(world, a, { ...ping, to: "10.0.2.12" }).result).toBe("filtered");
  });

  it("neighbours in one subnet reach each other without any route", () => {
    guest("c", "10.0.1.13");
    connect([]);
    expect(reach(world, a, { ...ping, to: "10.0.1.13" }).result).toBe("delivered");
  });

  it("an address of nobody's is lost in silence", () => {
    expect(reach(world, a, { ...ping, to: "10.0.2.99" }).result).toBe("filtered");
    expect(reach(world, a, { ...ping, to: "10.0.1.99" }).result).toBe("filtered");
  });

  it("a route to a guest leads through it where it may pass packets on, and does", () => {
    const router = guest("router", "10.0.1.15", { guarded: false });
    router.system.forwarding = true;
    connect([
      { destination: "10.0.0.0/16", target: "local" },
      { destination: "10.9.0.0/16", target: { machine: router.id } },
    ]);
    router.system.addresses.push({ nic: 0, name: "wg0", address: "10.9.0.1/32" });
    expect(reach(world, b, { ...ping, to: "10.9.0.1" }).result).toBe("delivered");
    change(router, { routed: { address: "10.0.1.15", guarded: true } });
    expect(reach(world, b, { ...ping, to: "10.9.0.1" }).result).toBe("filtered");
  });

  it("a guarded guest can not send from an address that is not its own", () => {
    a.system.addresses.push({ nic: 0, name: "wg0", address: "10.9.0.1/32" });
    expect(reach(world, a, { ...ping, to: "10.0.2.12", from: "10.9.0.1" }).result).toBe("filtered");
  });
});

describe("between a cloud's network and the internet", () => {
  it("a guest is known by its public address, both ways", () => {
    expect(reach(world, certifier, { protocol: "tcp", port: 22, to: "203.0.113.11" })).toMatchObject({
      result: "delivered",
      machine: a,
      seen: "198.51.100.10",
    });
    expect(reach(world, a, { protocol: "udp", port: 51820, to: "203.0.113.12" })).toMatchObject({
      result: "delivered",
      machine: b,
      seen: "203.0.113.11",
    });
  });

  it("nothing comes in where the answer finds no way out", () => {
    connect([{ destination: "10.0.0.0/16", target: "local" }]);
    expect(reach(world, certifier, { protocol: "tcp", port: 22, to: "203.0.113.11" }).result).toBe(
      "filtered",
    );
  });

  it("nothing comes in or goes out without a gateway, or without a public address", () => {
    connect(everywhere, false);
    expect(reach(world, certifier, { ...ping, to: "203.0.113.11" }).result).toBe("filtered");
    connect(everywhere);
    change(a, { routed: { address: "10.0.1.11", guarded: true } });
    expect(reach(world, a, { ...ping, to: "203.0.113.12" }).result).toBe("filtered");
    expect(reach(world, certifier, { ...ping, to: "203.0.113.11" }).result).toBe("filtered");
  });

  it("filters see public addresses outside of the network and private ones inside", () => {
    const only = (remote: string): Filter => ({
      ...{ policyIn: "drop", policyOut: "accept" },
      rules: [{ direction: "in", action: "accept", protocol: "any", remote }],
    });
    change(b, { filter: only("10.0.1.11/32") });
    expect(reach(world, a, { ...ping, to: "10.0.2.12" }).result).toBe("delivered");
    expect(reach(world, a, { ...ping, to: "203.0.113.12" }).result).toBe("filtered");
    change(b, { filter: only("203.0.113.11/32") });
    expect(reach(world, a, { ...ping, to: "10.0.2.12" }).result).toBe("filtered");
    expect(reach(world, a, { ...ping, to: "203.0.113.12" }).result).toBe("delivered");
  });
});

describe("a datagram from inside a guest", () => {
  const send = (port: number, address = "203.0.113.12") => {
    const { probe, nonce } = datagram("udp", { address, port });
    const { stdout, ...output } = execute(world, a, probe.argv);
    return { ...output, stdout: stdout.replace(nonce, "abc") };
  };

  it("comes back with the address that the other side saw", () => {
    expect(send(51820)).toMatchObject({ exit: 0, stdout: "abc 203.0.113.11\n" });
    expect(send(51820, "10.0.2.12")).toMatchObject({ exit: 0, stdout: "abc 10.0.1.11\n" });
  });

  it("is refused by a port that nobody listens on, and lost behind a filter", () => {
    expect(send(5353)).toMatchObject({ exit: 1, stderr: expect.stringContaining("Connection refused") });
    change(b, { filter: { policyIn: "drop", policyOut: "accept", rules: [] } });
    expect(send(51820)).toMatchObject({ exit: 124, stdout: "" });
  });
});

describe("curl to the metadata service", () => {
  const ask = (...more: string[]) => ["curl", "-s", "-m", "5", ...more, "http://169.254.169.254/id"];

  it("prints body and status of what its cloud answers, and hands it method and headers", () => {
    const heard: unknown[] = [];
    const told: Machine = {
      ...a,
      metadata: (request) => {
        heard.push(request);
        return { status: 200, body: "me" };
      },
    };
    world.machines.set(a.id, told);
    expect(execute(world, told, ask("-X", "PUT", "-H", "X-Token: 1")).stdout).toBe("me\n200");
    expect(heard).toEqual([{ method: "PUT", path: "/id", headers: { "x-token": "1" } }]);
  });

  it("ends with 7 where there is none", () => {
    expect(execute(world, a, ask()).exit).toBe(7);
  });
});
