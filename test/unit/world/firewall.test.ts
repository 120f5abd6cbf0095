import { beforeEach, describe, expect, it } from "vitest";
import { datagram, readDatagram } from "../../../src/probes/readers/udp.ts";
import { boot } from "../../../src/world/boot.ts";
import { configure } from "../../../src/world/cloudconfig.ts";
import { execute, executeAsRoot } from "../../../src/world/commands.ts";
import { admits, inserted } from "../../../src/world/firewall.ts";
import type { HostFirewall, Machine } from "../../../src/world/machine.ts";
import { reach } from "../../../src/world/reachability.ts";
import type { World } from "../../../src/world/world.ts";
import { topology } from "../../fixtures/topology.ts";

const image: HostFirewall = {
  input: [
    { action: "accept", protocol: "icmp" },
    { action: "accept", protocol: "tcp", port: 22 },
    { action: "reject", protocol: "any" },
  ],
  forward: [{ action: "reject", protocol: "any" }],
};
const words = (line: string) => line.split(" ");

let world: World;
let machines: ReturnType<typeof topology>["machines"];
beforeEach(() => {
  ({ world, machines } = topology());
});

function guard(machine: Machine, firewall: HostFirewall): void {
  machine.system.firewall = firewall;
}

describe("a guest's own packet filter", () => {
  it("rejects what no rule lets in, and tells the sender who it was", () => {
    guard(machines.client2, image);
    machines.client2.system.listening.push({ protocol: "udp", port: 51820 });
    const to = "10.77.121.2";
    expect(reach(world, machines.client1, { protocol: "icmp", to })).toMatchObject({ result: "delivered" });
    expect(reach(world, machines.client1, { protocol: "udp", to, port: 51820 })).toEqual({
      result: "prohibited",
      at: to,
    });
    const asked = datagram("udp", { address: to, port: 51820 });
    const sent = execute(world, machines.client1, asked.probe.argv);
    expect(sent).toMatchObject({ exit: 1, stderr: expect.stringContaining("No route to host") });
    expect(readDatagram(asked, { ...sent, truncated: false })).toEqual({ port: "closed" });
    const tcp = execute(world, machines.client1, ["bash", "-c", `</dev/tcp/${to}/5201`]);
    expect(tcp).toMatchObject({ exit: 1, stderr: expect.stringContaining("No route to host") });
  });

  it("lets the replies in to what its own guest has begun", () => {
    guard(machines.client1, { input: [{ action: "reject", protocol: "any" }], forward: [] });
    expect(reach(world, machines.client1, { protocol: "icmp", to: "10.77.121.2" })).toMatchObject({
      result: "delivered",
    });
    expect(reach(world, machines.client2, { protocol: "icmp", to: "10.77.120.2" })).toEqual({
      result: "prohibited",
      at: "10.77.120.2",
    });
  });

  it("keeps a router from passing packets on, which ping shows as prohibited", () => {
    guard(machines.leaf1, image);
    const { exit, stdout } = execute(world, machines.client1, ["ping", "-n", "-c1", "-W1", "10.77.121.2"]);
    expect(exit).toBe(1);
    expect(stdout).toContain("Destination Host Prohibited");
  });
});

describe("iptables", () => {
  it.each([
    ["-I INPUT -p udp --dport 51820 -j ACCEPT", { action: "accept", protocol: "udp", port: 51820 }],
    ["-I INPUT -s 10.91.1.0/24 -j ACCEPT", { action: "accept", protocol: "any", source: "10.91.1.0/24" }],
  ] as const)("puts a rule before all others: %s", (line, rule) => {
    const now = inserted(image, words(line));
    expect(now?.input[0]).toEqual(rule);
    expect(now?.input.slice(1)).toEqual(image.input);
    expect(now?.forward).toBe(image.forward);
  });

  it.each(["-A INPUT -j ACCEPT", "-I OUTPUT -j ACCEPT", "-I INPUT --dport 22 -j ACCEPT", "-I INPUT -j LOG"])(
    "does not know %s here",
    (line) => {
      expect(inserted(image, words(line))).toBeUndefined();
    },
  );

  it("lets in by the first rule that fits, from where it says", () => {
    const now = inserted(image, words("-I INPUT -s 10.91.1.0/24 -p tcp --dport 5201 -j ACCEPT"));
    const packet = { protocol: "tcp", port: 5201, destination: "10.91.1.21" } as const;
    expect(admits(now, "input", { ...packet, source: "10.91.1.22" })).toBe(true);
    expect(admits(now, "input", { ...packet, source: "10.91.2.22" })).toBe(false);
    expect(admits(undefined, "input", { ...packet, source: "10.91.2.22" })).toBe(true);
  });

  it("is run by user data, and what came of it is shown to root alone", () => {
    const userData = '#cloud-config\nruncmd:\n  - ["iptables", "-I", "FORWARD", "-j", "ACCEPT"]\n';
    const seed = { datasource: "x", instanceId: "i", hostname: "h", userData, users: {}, nics: [] };
    const system = boot(seed, undefined, { agent: false, forwarding: false, firewall: image });
    configure(system);
    expect(system.cloudInit).toMatchObject({ status: "done", errors: [] });
    const machine = { ...machines.client1, system };
    expect(execute(world, machine, ["iptables-save"]).exit).toBe(1);
    const { stdout } = executeAsRoot(world, machine, ["iptables-save"]);
    const forward = stdout.split("\n").filter((line) => line.startsWith("-A FORWARD"));
    expect(forward).toEqual([
      "-A FORWARD -j ACCEPT",
      "-A FORWARD -j REJECT --reject-with icmp-host-prohibited",
    ]);
    expect(stdout).toContain("-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT");
  });

  it("fails cloud-init where it is told something that it does not know", () => {
    const userData = '#cloud-config\nruncmd:\n  - ["iptables", "-F"]\n';
    const seed = { datasource: "x", instanceId: "i", hostname: "h", userData, users: {}, nics: [] };
    const system = boot(seed, undefined, { agent: false, forwarding: false, firewall: image });
    configure(system);
    expect(system.cloudInit.status).toBe("error");
  });
});
