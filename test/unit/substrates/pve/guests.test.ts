import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { name } from "../../../../src/environment/name.ts";
import { openApi } from "../../../../src/substrates/pve/api.ts";
import { agentChecks } from "../../../../src/substrates/pve/checks/agent.ts";
import { liveChecks } from "../../../../src/substrates/pve/checks/live.ts";
import { runPlan } from "../../../support/checks.ts";
import { Substrate } from "../../../support/substrate.ts";

let substrate: Substrate;
beforeAll(async () => {
  substrate = await Substrate.start();
}, 60_000);
afterEach(() => substrate.heal());
afterAll(() => substrate[Symbol.asyncDispose]());

const mine = /^(pve\.(qga|ci|l2|l3|mtu|forwarding|bridges\.live)|g\.)/;

/** The answers that are no pass, of the checks that look into guests and nodes. */
async function wrong(changes = {}): Promise<Readonly<Record<string, string>>> {
  const answers = Object.entries(await substrate.look(changes));
  return Object.fromEntries(answers.filter(([key, answer]) => mine.test(key) && !answer.startsWith("pass")));
}

/** For far ends that stay silent. */
const impatient = { "substrate:connectTimeout": "2s" };

const guests = ["client1", "client2", "edge1", "leaf1", "leaf2"] as const;
const inEachGuest = [
  ...["pve.qga.exec", "pve.ci.readable", "pve.ci.fresh", "pve.l2", "pve.l3", "pve.mtu"],
  ...["g.addr", "g.instanceid", "g.userdata", "g.tcp"],
];

describe("a healthy substrate", () => {
  it("passes every check that looks into guests and nodes", async () => {
    const answers = await substrate.look();
    const expected = [
      ...inEachGuest.flatMap((check) => guests.map((guest) => `${check}@${guest}`)),
      ...["pve.forwarding@leaf1", "pve.forwarding@leaf2"],
      ...["pve.bridges.live@fabric-a", "pve.bridges.live@fabric-b"],
    ];
    expect(expected.filter((key) => !answers[key]?.startsWith("pass: "))).toEqual([]);
    expect(await wrong()).toEqual({});
  });

  it("is not changed by being looked at", async () => {
    const before = substrate.world.effects.length;
    await substrate.look();
    expect(substrate.world.effects).toHaveLength(before);
  });

  it("says how much was seen, and nothing that a far end said", async () => {
    const answers = await substrate.look();
    expect(answers["pve.l2@client1"]).toBe(
      "pass: sees 5 of 5 neighbours on layer 2, and none of 1 that it must not",
    );
    expect(answers["pve.mtu@client1"]).toBe("pass: reaches 2 of 2 peers with whole packets of 1500 bytes");
    expect(Object.values(answers).join()).not.toMatch(/10\.77|192\.0\.2|ssh-ed25519|vmbr/);
  });
});

describe("inside a guest", () => {
  it.each([
    ["agent-refuses-exec", "client1", "pve.qga.exec@client1"],
    ["seed-damaged", "leaf2", "pve.ci.readable@leaf2"],
    ["seed-stale", "client2", "pve.ci.fresh@client2"],
    ["seed-stale", "client2", "g.instanceid@client2"],
    ["user-data-changed", "client1", "g.userdata@client1"],
    ["forwarding-off", "leaf1", "pve.forwarding@leaf1"],
    ["forwarding-off", "leaf1", "pve.l3@client1"],
    ["hostname-changed", "client2", "g.hostname@client2"],
    ["cloud-init-failed", "leaf2", "g.cloudinit@leaf2"],
    ["address-added", "client1", "g.addr@client1"],
    ["address-lost", "leaf1", "g.addr@leaf1"],
    ["mtu-lowered", "client1", "pve.mtu@client1"],
  ] as const)("%s in %s is a fail of %s", async (what, guest, check) => {
    substrate.meddle(guest, what);
    expect((await wrong())[check]).toMatch(/^fail: /);
  });

  it("a damaged medium does not hide what the guest was made from, but nothing can be compared with it", async () => {
    substrate.meddle("leaf2", "seed-damaged");
    expect(await wrong()).toEqual({
      "pve.ci.readable@leaf2": "fail: leaf2 can not read its config drive",
      "pve.ci.fresh@leaf2": "blocked: could not look: there is nothing to compare it with",
      "g.userdata@leaf2": "blocked: could not look: there is nothing to compare it with",
    });
  });

  it("a lowered MTU stops nothing but whole packets, and is told of its interface", async () => {
    substrate.meddle("client1", "mtu-lowered");
    expect(await wrong()).toEqual({
      "g.addr@client1": "fail: the addresses of client1: 1 on interfaces that take less than 1500 bytes",
      "pve.mtu@client1": "fail: no whole packets of 1500 bytes to and from client2, leaf1",
    });
  });

  it("a router that passes nothing on, or has lost an address, is not told of the next one on the way", async () => {
    substrate.meddle("leaf1", "forwarding-off");
    expect(await wrong()).toMatchObject({
      "pve.forwarding@leaf1": "fail: leaf1 does not pass packets on",
      "pve.forwarding@leaf2": "blocked: flows through leaf2 are lost, which may be for leaf1",
    });
    await substrate.heal();
    substrate.meddle("leaf1", "address-lost");
    expect(await wrong()).toMatchObject({
      "pve.forwarding@leaf1": expect.stringMatching(/^fail: of 2 flows through leaf1/),
      "pve.forwarding@leaf2": "blocked: flows through leaf2 are lost, which may be for leaf1",
    });
  });

  it("without root, what needs it is blocked, and never taken for a finding", async () => {
    const login = { "pve:user": "lab" };
    for (const { system } of substrate.world.machines.values()) system.sudo = false;
    const seen = await wrong(login).finally(() => {
      for (const { system } of substrate.world.machines.values()) system.sudo = true;
    });
    expect(new Set(Object.values(seen))).toEqual(new Set(["blocked: could not look: not permitted (403)"]));
    expect(Object.keys(seen).map((key) => key.split("@")[0])).toEqual(
      guests
        .flatMap(() => ["pve.ci.readable", "pve.ci.fresh", "g.userdata"])
        .concat(guests.map(() => "pve.l2")),
    );
  });
});

describe("the agent's channel", () => {
  it("that refuses commands is a fail of nothing else", async () => {
    substrate.meddle("client1", "agent-refuses-exec");
    expect(await wrong()).toEqual({
      "pve.qga.exec@client1": "fail: the agent of client1 refuses to run commands",
    });
  });

  it("whose commands never end is blocked", async () => {
    const api = openApi(substrate.config());
    const leaf1 = substrate.config().guests.filter(({ name }) => name === "leaf1");
    const [check] = agentChecks({ ...substrate.config(), guests: leaf1 }, api);
    substrate.world.breakDown("pve/leaf1/exec");
    if (check === undefined) throw new TypeError("no check");
    const { outcomes } = await runPlan([{ ...check, after: [], deadline: 500 }]);
    await api[Symbol.asyncDispose]();
    expect(outcomes).toEqual(["blocked: could not look: no answer in time"]);
  });

  it("that is slow is waited for", async () => {
    substrate.world.breakDown("pve/leaf1/exec", 400);
    expect(await wrong()).toEqual({});
  });
});

describe("settings", () => {
  it("that differ from the declared ones are told apart from a medium that differs from its settings", async () => {
    const answers = await wrong({ "pve:domain": "other.test" });
    expect(answers["pve.ci.readable@leaf1"]).toBe(
      "fail: the config drive of leaf1 is made from other settings than the declared ones",
    );
  });

  it("that differ from what the medium was made from are a fail that names the file", async () => {
    const files = substrate.world.machines.get("pve/9101")?.medium?.files ?? {};
    const before = { ...files };
    Object.assign(files, { "network-config": "version: 1\n", "vendor-data": "#cloud-config\n" });
    const answers = await wrong().finally(() => Object.assign(files, before));
    expect(answers).toEqual({
      "pve.ci.readable@client1":
        "fail: the config drive of client1 differs from its settings in network config, vendor data",
    });
  });
});

describe("the wire", () => {
  it("shows an interface in a VLAN where it must not be, to both sides", async () => {
    await substrate.set("client2", (inputs) => withVlan(inputs, 120));
    const answers = await wrong();
    expect(answers["pve.l2@client1"]).toBe("fail: sees on layer 2 what it must not: client2");
    expect(answers["pve.l2@leaf2"]).toBe("fail: does not see on layer 2: client2");
    expect(answers["pve.l3@client1"]).toBe("fail: does not reach client2");
  });

  it("proves no isolation on an interface that nobody answers on", async () => {
    await substrate.set("client1", (inputs) => withVlan(inputs, 130));
    expect((await wrong())["pve.l2@client1"]).toBe("fail: does not see on layer 2: leaf1");
  });

  it("that takes smaller packets than the guests is a fail of the MTU alone", async () => {
    await substrate.set("fabric-a", (inputs) => ({
      ...inputs,
      mtu: 1400,
    }));
    const answers = await wrong();
    expect(answers["pve.mtu@client1"]).toMatch(/^fail: /);
    expect(answers["pve.l3@client1"]).toBeUndefined();
    expect(answers["pve.bridges.live@fabric-a"]).toMatch(/^fail: .* in MTU$/);
  });

  it("shows a firewall that holds nothing back, while its neighbours' still do", async () => {
    await substrate.set("client1-firewall", (inputs) => ({ ...inputs, enabled: false }));
    expect((await wrong())["g.tcp@client1"]).toBe(
      "fail: the firewall of client1 lets through what no rule lets in",
    );
    expect((await wrong())["g.tcp@leaf1"]).toBeUndefined();
  });

  it("is asked only when every guest has come up or is known not to", async () => {
    substrate.world.breakDown("pve/client2/silent");
    const answers = await wrong(impatient);
    expect(answers["g.ssh@client2"]).toMatch(/^fail: /);
    expect(answers["pve.l2@client1"]).toBe("blocked: could not look: g.ssh@client2 is fail");
    expect(answers["g.tcp@leaf1"]).toBeUndefined();
  });
});

describe("a node's kernel", () => {
  it("that no longer filters VLANs is a fail, although its configuration still says so", async () => {
    substrate.tamper("pve2", "bridge-unfiltered");
    const answers = await substrate.look(impatient);
    expect(answers["pve.bridges.live@fabric-b"]).toBe(
      "fail: the kernel of pve2 differs for fabric-b in VLAN filtering, VLAN ids",
    );
    expect(answers["pve.bridges.live@fabric-a"]).toMatch(/^pass: /);
    expect(answers["pve.bridges.config@fabric-b"]).toMatch(/^pass: /);
  });

  it("that does not answer is blocked", async () => {
    substrate.world.breakDown("pve/pve2/silent");
    expect(await wrong(impatient)).toEqual({
      "pve.bridges.live@fabric-b": "blocked: could not look: no answer in time",
    });
  });

  it("that does not answer at first is dialled again", async () => {
    substrate.world.breakDown("pve/pve2/silent");
    setTimeout(() => substrate.world.heal(), 1_500);
    expect(await wrong(impatient)).toEqual({});
  });

  it("behind another host key than the pinned one is a fail", async () => {
    const { nodeAccess } = substrate.config();
    const other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    const hosts = Object.entries(nodeAccess?.hosts ?? {}).map(([node, host]) => [
      node,
      { ...host, hostKey: other },
    ]);
    const answers = await wrong({ "pve:nodeAccess": { ...nodeAccess, hosts: Object.fromEntries(hosts) } });
    expect(answers["pve.bridges.live@fabric-a"]).toBe(
      "fail: pve1 shows another host key than the pinned one",
    );
  });

  it("behind a login that it does not know is blocked", async () => {
    const answers = await wrong({ "pve:nodeAccess": { ...substrate.config().nodeAccess, user: "nobody" } });
    expect(answers["pve.bridges.live@fabric-a"]).toBe("blocked: could not look: the SSH key was refused");
  });

  it("without a login is stood in for by what guests see of each other, and the check says so", async () => {
    const answers = await substrate.look({ "pve:nodeAccess": undefined });
    expect(answers["pve.bridges.live@fabric-a"]).toBe(
      "pass: without a login on pve1, what 2 guests see on layer 2 stands in",
    );
    substrate.tamper("pve2", "bridge-unfiltered");
    const cut = await substrate.look({ ...impatient, "pve:nodeAccess": undefined });
    expect(cut["pve.bridges.live@fabric-b"]).toMatch(/^blocked: could not look: pve\.l2@/);
  });

  it("without a login is not stood in for by guests that show isolation on another bridge only", async () => {
    const config = substrate.config({ "pve:nodeAccess": undefined });
    const [fabric] = config.bridges;
    if (fabric === undefined) throw new TypeError("no bridge");
    const management = { ...fabric, name: name.parse("management") };
    const split = <Of extends { readonly nics: readonly { readonly bridge: object }[] }>(guest: Of): Of => ({
      ...guest,
      nics: guest.nics.map((nic, index) => (index === 0 ? { ...nic, bridge: management } : nic)),
    });
    const guests = config.guests.map(split);
    const isolated = config.isolated.map((one) => ({ ...one, from: split(one.from), to: split(one.to) }));
    await using closing = new AsyncDisposableStack();
    const checks = liveChecks({ ...config, bridges: [fabric, management], guests, isolated }, closing);
    const outcomes = checks.map(({ target, observe }) =>
      observe(AbortSignal.timeout(1_000)).then(
        ({ result }) => `${target}: ${result}`,
        (error: unknown) => `${target}: ${error}`,
      ),
    );
    expect(await Promise.all(outcomes)).toEqual([
      "fabric-a: pass",
      expect.stringMatching(/^management: Unreadable/),
    ]);
  });

  it("without a login and without guests that show isolation is blocked", async () => {
    const answers = await wrong({ "pve:nodeAccess": undefined, "pve:isolated": [] });
    expect(answers["pve.bridges.live@fabric-a"]).toBe(
      "blocked: could not look: there is nothing to compare it with",
    );
  });
});

/** The inputs with the second interface in another VLAN. */
function withVlan(inputs: Readonly<Record<string, unknown>>, vlanId: number) {
  const devices = z.array(z.record(z.string(), z.unknown())).parse(inputs.networkDevices);
  return { ...inputs, networkDevices: devices.map((nic, index) => (index === 1 ? { ...nic, vlanId } : nic)) };
}
