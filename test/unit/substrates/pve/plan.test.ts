// Every check of the first slice, over the lab's real API and real guests: passes, fails on the wrong thing, and is
// blocked when that can not be seen.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { newAuthority } from "../../../../src/substrates/farend/authority.ts";
import type { PveConfig } from "../../../../src/substrates/pve/config.ts";
import { type Instead, meddle } from "../../../support/proxy.ts";
import { type Pve, startPve } from "../../../support/pve.ts";

let pve: Pve;

beforeAll(async () => {
  pve = await startPve();
  // The last guest has been running longer than its boot deadline.
  await vi.waitFor(async () => expect(await uptime("pve2", 9105)).toBeGreaterThan(1), { timeout: 20_000 });
}, 120_000);

afterAll(() => pve[Symbol.asyncDispose]());
afterEach(() => pve.world.heal());

async function uptime(node: string, vmId: number): Promise<unknown> {
  const status = await pve.send("GET", `/nodes/${node}/qemu/${vmId}/status/current`);
  return Object(status).uptime;
}

const unhappy = ({ table }: Awaited<ReturnType<Pve["look"]>>) =>
  Object.entries(table).filter(([, verdict]) => !verdict.startsWith("pass"));

/** The verdict on one check while the API's answers to some calls are others. */
async function through(key: string, instead: (call: string) => Instead): Promise<string | undefined> {
  await using proxy = await meddle(pve.config, instead);
  return (await pve.look(proxy.config)).table[key];
}

const forCall =
  (pattern: RegExp, answer: Instead) =>
  (call: string): Instead =>
    pattern.test(call) ? answer : undefined;

async function verdict(key: string, config?: Partial<PveConfig>): Promise<string | undefined> {
  return (await pve.look({ ...pve.config, ...config })).table[key];
}

/** Every verdict by result: how many passed, failed, were blocked. */
async function results(): Promise<Readonly<Record<string, string[]>>> {
  const { table } = await pve.look();
  const sorted = Map.groupBy(Object.entries(table), ([, said]) => said.split(":")[0] ?? "");
  return Object.fromEntries([...sorted].map(([result, rows]) => [result, rows.map(([key]) => key)]));
}

/** A guest's own system, to be changed from inside. */
function inside(vmId: number) {
  const machine = pve.world.machines.get(`pve/${vmId}`);
  if (machine === undefined) throw new TypeError(`${vmId} is not running`);
  return machine.system;
}

const unseen = "blocked: could not look:";

describe("a healthy substrate", () => {
  it("passes every check, for every target, and is not changed by looking", async () => {
    const before = pve.world.effects.length;
    const { table, seen, errors } = await pve.look();
    expect(Object.keys(table)).toHaveLength(10 + 4 * 2 + 2 + 19 * 5);
    expect(Object.values(table).filter((said) => !said.startsWith("pass: "))).toEqual([]);
    expect(errors).toEqual([]);
    expect(Object.keys(seen)).toEqual(expect.arrayContaining(["release", "template", "bridge fabric-a"]));
    expect(pve.world.effects).toHaveLength(before);
  });

  it("says nothing of addresses, keys, tokens or ids of the far end", async () => {
    const { table } = await pve.look();
    const said = Object.values(table).join("\n");
    expect(said).not.toMatch(/\d+\.\d+\.\d+|ssh-ed25519|pve!|vmbr|910\d|UPID/);
  });

  it("is blocked as a whole where the run is cancelled, with nothing left unhandled", async () => {
    const { table } = await pve.look(pve.config, AbortSignal.abort());
    expect(new Set(Object.values(table).map((said) => said.slice(0, 8)))).toEqual(new Set(["blocked:"]));
  });
});

describe("pve.tls", () => {
  it("fails on another certificate than the pinned one", async () => {
    const fingerprint = pve.config.fingerprint.replace(/^../, (first) => (first === "00" ? "11" : "00"));
    expect(await verdict("pve.tls", { fingerprint })).toBe(
      "fail: the API shows another certificate than the pinned one",
    );
  });

  it("is blocked where the pinned certificate does not lead to the authority", async () => {
    const ca = (await newAuthority("authority of a test")).certificate;
    expect(await verdict("pve.tls", { ca })).toMatch(`${unseen} the certificate does not lead`);
  });

  it("is blocked where the API is down, and everything else with it", async () => {
    pve.world.breakDown("pve/down");
    expect(Object.keys(await results())).toEqual(["blocked"]);
  });
});

describe("pve.api", () => {
  it("fails on a release outside of the range", async () => {
    const versions = { from: "7.0", before: "8.0" };
    expect(await verdict("pve.api", { versions })).toBe("fail: the release is outside the configured range");
  });

  it.each([
    ["8.9", "fail"],
    ["8.10", "pass"],
    ["8.11", "fail"],
    ["10.0", "fail"],
  ])("orders release %s by numbers", async (release, result) => {
    const instead = forCall(/\/version$/, { data: { release, version: `${release}.1` } });
    await using proxy = await meddle(pve.config, instead);
    const versions = { from: "8.10", before: "8.11" };
    const { table } = await pve.look({ ...proxy.config, versions });
    expect(table["pve.api"]?.split(":")[0]).toBe(result);
  });

  it("is blocked by a refused token, and by a release that is none", async () => {
    pve.world.breakDown("pve/unauthorized");
    expect(await verdict("pve.api")).toBe(`${unseen} credentials refused (401)`);
    pve.world.heal();
    const odd = forCall(/\/version$/, { data: { release: "", version: "" } });
    expect(await through("pve.api", odd)).toBe(`${unseen} the answer could not be understood`);
  });
});

describe("pve.nodes", () => {
  const node = (name: string, online = 1) => ({ type: "node", name, online });
  const cluster = { type: "cluster", quorate: 1 };
  const status = (data: unknown) => through("pve.nodes", forCall(/cluster\/status/, { data }));

  it.each([
    ["a missing node", [node("pve1"), cluster], "fail: missing: pve2"],
    ["a node that is offline", [node("pve1"), node("pve2", 0), cluster], "fail: offline: pve2"],
    [
      "a node too many",
      [node("pve1"), node("pve2"), node("pve3"), cluster],
      "fail: 1 nodes more than expected",
    ],
    [
      "no quorum",
      [node("pve1"), node("pve2"), { ...cluster, quorate: 0 }],
      "fail: the cluster has no quorum",
    ],
    ["no cluster", [node("pve1"), node("pve2")], "fail: the cluster has no quorum"],
    [
      "words that nobody knows",
      [{ ...node("pve1"), online: "maybe" }],
      `${unseen} the answer could not be understood`,
    ],
  ])("answers to %s", async (_what, data, said) => {
    expect(await status(data)).toBe(said);
  });

  it("is blocked where the status may not be read", async () => {
    expect(await through("pve.nodes", forCall(/cluster\/status/, { status: 403 }))).toBe(
      `${unseen} not permitted (403)`,
    );
  });
});

describe("pve.bridges.config", () => {
  const key = "pve.bridges.config@fabric-a";
  const path = "/nodes/pve1/network/vmbr1";
  const right = {
    type: "bridge",
    autostart: "1",
    bridge_ports: "eno2",
    bridge_vlan_aware: "1",
    bridge_vids: "2-4094",
    mtu: "1500",
  };
  const set = async (form: Record<string, string>) => {
    await pve.change("PUT", path, form);
    await pve.change("PUT", "/nodes/pve1/network");
  };

  it.each([
    ["VLAN-awareness", { bridge_vlan_aware: "0" }],
    ["VLAN ids", { bridge_vids: "2-100" }],
    ["ports", { bridge_ports: "" }],
    ["MTU", { mtu: "9000" }],
    ["autostart", { autostart: "0" }],
  ])("fails where it differs in %s, of this bridge alone", async (words, wrong) => {
    await set({ ...right, ...wrong });
    const { table } = await pve.look();
    await set(right);
    expect(table[key]).toMatch(new RegExp(`^fail: fabric-a differs in .*${words}`));
    expect(table["pve.bridges.config@fabric-b"]).toMatch(/^pass/);
  });

  it("fails on a bridge that is missing from two lists, not from one", async () => {
    const list = /GET \/nodes\/pve1\/network/;
    expect(await through(key, forCall(list, { data: [] }))).toBe("fail: fabric-a does not exist");
    let readings = 0;
    const once = (call: string) => (list.test(call) && readings++ === 0 ? { data: [] } : undefined);
    expect(await through(key, once)).toMatch(/^pass/);
  });

  it.each([
    [{ status: 403 }, "not permitted (403)"],
    [{ status: 595 }, "no route or connection lost"],
    [
      { data: [{ iface: "vmbr1", type: "bridge", bridge_vlan_aware: "perhaps" }] },
      "the answer could not be understood",
    ],
    [{ data: null }, "the answer could not be understood"],
  ])("is blocked by %j", async (answer, words) => {
    expect(await through(key, forCall(/nodes\/pve1\/network/, answer))).toBe(`${unseen} ${words}`);
  });
});

describe("pve.template", () => {
  const config = /qemu\/9000\/config/;

  it("fails where it is not there, or is something else", async () => {
    const template = { ...pve.config.template, vmId: 9009 };
    expect(await verdict("pve.template", { template })).toBe("fail: the template does not exist");
    const size = { ...pve.config.template, cores: 2 };
    expect(await verdict("pve.template", { template: size })).toBe("fail: the template differs in cores");
    const bare = forCall(config, { data: { name: "routerd-template", digest: "x" } });
    expect(await through("pve.template", bare)).toMatch(
      /^fail: the template differs in being a template, disk, disk size, hardware, agent/,
    );
  });

  it("is blocked where something else than it is missing", async () => {
    const answer = { status: 500, reason: "no such logical volume pve/data" };
    expect(await through("pve.template", forCall(config, answer))).toBe(`${unseen} the far end failed (5xx)`);
  });
});

describe("pve.qga.enabled", () => {
  it("fails where the agent is switched off, or the VM is gone", async () => {
    const off = forCall(/9101\/config/, { data: { name: "client1", agent: "enabled=0,type=virtio" } });
    expect(await through("pve.qga.enabled@client1", off)).toBe("fail: client1 has its agent disabled");
    const unset = forCall(/9101\/config/, { data: { name: "client1" } });
    expect(await through("pve.qga.enabled@client1", unset)).toBe("fail: client1 has its agent disabled");
    const gone = {
      status: 500,
      reason: "Configuration file 'nodes/pve1/qemu-server/9101.conf' does not exist",
    };
    expect(await through("pve.qga.enabled@client1", forCall(/9101\/config/, gone))).toBe(
      "fail: client1 does not exist",
    );
  });

  it("is blocked where the config may not be read", async () => {
    expect(await through("pve.qga.enabled@client1", forCall(/9101\/config/, { status: 403 }))).toMatch(
      /^blocked/,
    );
  });
});

describe("pve.qga.responsive", () => {
  const key = "pve.qga.responsive@client2";
  const ping = /9104\/agent\/ping/;

  it("fails for one that is silent while others answer", async () => {
    pve.world.breakDown("pve/client2/silent");
    expect(await verdict(key)).toMatch(/^fail: client2 is running and silent/);
  });

  it("is blocked where all are silent", async () => {
    pve.world.breakDown("pve/silent");
    const { table } = await pve.look();
    const asked = Object.entries(table).filter(([name]) => /^(pve.qga.responsive|g.ssh)@/.test(name));
    expect(asked.map(([, said]) => said.split(":")[0])).toEqual(Array(10).fill("blocked"));
  });

  it.each([
    [500, "unable to open database", "the far end failed (5xx)"],
    [595, "No route to host", "no route or connection lost"],
    [403, "Permission check failed", "not permitted (403)"],
  ])(
    "is blocked by the API's own trouble (%i %s), for that is no silence of the guest",
    async (status, reason, words) => {
      expect(await through(key, forCall(ping, { status, reason }))).toBe(`${unseen} ${words}`);
    },
  );

  it("fails where the agent may not do what it is needed for, or there is none", async () => {
    const info = { data: { result: { supported_commands: [{ name: "guest-exec", enabled: false }] } } };
    expect(await through(key, forCall(/9104\/agent\/info/, info))).toMatch(/^fail: .* may not read files/);
    const none = { status: 500, reason: "No QEMU guest agent configured" };
    expect(await through(key, forCall(ping, none))).toBe("fail: client2 has no agent configured");
  });
});

describe("pve.ci.attached", () => {
  const key = "pve.ci.attached@leaf1";
  const config = /9102\/config/;
  const volume = "local-lvm:vm-9102-cloudinit";

  it("passes whatever else names the volume", async () => {
    const data = { unused0: volume, ide2: `${volume},media=cdrom`, agent: "1" };
    expect(await through(key, forCall(config, { data }))).toMatch(/^pass/);
  });

  it.each([
    ["no drive", { ide2: "none,media=cdrom" }, "has no config drive attached"],
    [
      "another guest's drive",
      { ide2: "local-lvm:vm-9101-cloudinit,media=cdrom" },
      "has no config drive attached",
    ],
    ["a drive that is no CD", { scsi1: volume }, "has no config drive attached"],
    [
      "another format",
      { ide2: `${volume},media=cdrom`, citype: "configdrive2" },
      "is not in the NoCloud format",
    ],
  ])("fails on %s", async (_what, data, words) => {
    expect(await through(key, forCall(config, { data }))).toMatch(new RegExp(`^fail: .*${words}`));
  });

  it("fails where the drive has no volume, and is blocked where volumes can not be listed", async () => {
    const list = /local-lvm\/content\?vmid=9102/;
    expect(await through(key, forCall(list, { data: [] }))).toBe(
      "fail: the config drive of leaf1 has no volume",
    );
    expect(await through(key, forCall(list, { status: 403 }))).toBe(`${unseen} not permitted (403)`);
  });
});

describe("g.ssh", () => {
  it("fails for one that is silent while others answer, and blocks what stands behind it", async () => {
    pve.world.breakDown("pve/client2/silent");
    const { table } = await pve.look();
    expect(table["g.ssh@client2"]).toMatch(/^fail: client2 is running and silent/);
    expect(table["g.hostname@client2"]).toBe(`${unseen} g.ssh@client2 is fail`);
    expect(table["pve.l3@client1"]).toBe(`${unseen} g.ssh@client2 is fail`);
    expect(table["g.ssh@client1"]).toMatch(/^pass/);
  });

  it("fails on another host key", async () => {
    pve.world.breakDown("pve/leaf1/hostkey");
    expect(await verdict("g.ssh@leaf1")).toBe("fail: leaf1 shows another host key than the known one");
  });

  it.each([
    ["says nothing", { content: "" }],
    ["is cut short", { content: "ssh-ed25519 AAAAC3Nza" }],
    ["is something else", { content: "# none\n" }],
  ])(
    "is blocked where the file with the known key %s, for there is nothing to compare",
    async (_what, data) => {
      const said = await through("g.ssh@leaf1", forCall(/9102\/agent\/file-read/, { data }));
      expect(said).toBe(`${unseen} there is nothing to compare it with`);
    },
  );

  it("fails where it refuses the key although its siblings take it", async () => {
    const system = inside(9102);
    const { users } = system;
    system.users = {};
    const said = await verdict("g.ssh@leaf1");
    system.users = users;
    expect(said).toMatch(/^fail: leaf1 is running and silent/);
  });

  it("fails where the guest is switched off", async () => {
    await pve.change("POST", "/nodes/pve1/qemu/9102/status/stop");
    const { table } = await pve.look();
    await pve.change("POST", "/nodes/pve1/qemu/9102/status/start");
    expect(table["g.ssh@leaf1"]).toBe("fail: leaf1 is not running");
    expect(table["pve.qga.responsive@leaf1"]).toBe("fail: leaf1 is not running");
  });

  it("waits for a guest that is booting", async () => {
    await pve.change("POST", "/nodes/pve1/qemu/9102/status/stop");
    await pve.change("POST", "/nodes/pve1/qemu/9102/status/start");
    expect(unhappy(await pve.look())).toEqual([]);
  });
});

describe("g.cloudinit", () => {
  const key = "g.cloudinit@leaf2";
  const within = async (change: Partial<ReturnType<typeof inside>["cloudInit"]>) => {
    const system = inside(9103);
    const { cloudInit } = system;
    system.cloudInit = { ...cloudInit, ...change };
    const said = await verdict(key);
    system.cloudInit = cloudInit;
    return said;
  };

  it("fails where it failed, or took another datasource", async () => {
    expect(await within({ status: "error", errors: ["private 10.0.0.1"] })).toBe(
      "fail: cloud-init failed on leaf2",
    );
    expect(await within({ datasource: "none" })).toMatch(/^fail: .* another datasource/);
  });

  it("waits while it is running", async () => {
    const system = inside(9103);
    const { cloudInit } = system;
    system.cloudInit = { ...cloudInit, status: "running" };
    const looking = verdict(key);
    await expect.poll(() => inside(9103)).toBe(system);
    system.cloudInit = cloudInit;
    expect(await looking).toMatch(/^pass/);
  });
});

describe("g.hostname", () => {
  it("fails on a guest that calls itself something else", async () => {
    const system = inside(9103);
    system.hostname = "mallory";
    const said = await verdict("g.hostname@leaf2");
    system.hostname = "leaf2";
    expect(said).toBe("fail: leaf2 calls itself something else than declared");
  });
});

describe("pve.l3", () => {
  it("fails where a peer is cut off, and names it", async () => {
    const path = "/nodes/pve2/qemu/9104/config";
    const net1 = String(Object(await pve.send("GET", path)).net1);
    await pve.change("PUT", path, { net1: net1.replace("tag=121", "tag=300") });
    const { table } = await pve.look();
    await pve.change("PUT", path, { net1 });
    expect(table["pve.l3@client1"]).toBe("fail: does not reach client2");
    expect(table["pve.l3@leaf1"]).toMatch(/^pass/);
    expect(table["g.ssh@client2"]).toMatch(/^pass/);
  });
});
