import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openApi } from "../../../../src/substrates/pve/api.ts";
import { claimOf } from "../../../../src/substrates/pve/repair/claim.ts";
import { mends, replaceable } from "../../../../src/substrates/pve/repair.ts";
import { type Pve, startPve } from "../../../support/pve.ts";

let pve: Pve;
beforeAll(async () => {
  pve = await startPve();
}, 120_000);
afterAll(() => pve[Symbol.asyncDispose]());

const signal = () => AbortSignal.timeout(20_000);
const client2 = "/nodes/pve2/qemu/9104";

/** Applies every mend for these failed checks; gives what each did. */
async function mend(...failed: Parameters<typeof mends>[1]) {
  const done: string[] = [];
  for (const one of mends(pve.config, failed)) {
    const mended = await one.apply(signal());
    if (mended !== undefined) done.push(`${one.target}: ${mended.action}`);
  }
  return done;
}

function keyed(
  id:
    | "pve.bridges.config"
    | "pve.bridges.pending"
    | "pve.bridges.live"
    | "pve.fw"
    | "pve.ci.pending"
    | "pve.ci.fresh"
    | "pve.vm.state",
  target: string,
) {
  const names = [
    ...pve.config.nodes,
    ...[...pve.config.bridges, ...pve.config.guests].map(({ name }) => name),
  ];
  const name = names.find((one) => one === target);
  if (name === undefined) throw new TypeError(target);
  return `${id}@${name}` as const;
}

describe("a mend", () => {
  it("is there for no check that passes or is nobody's", () => {
    expect(mends(pve.config, [])).toEqual([]);
    expect(mends(pve.config, ["pve.drift", "a.b"])).toEqual([]);
  });

  it("sets a bridge's emptied ports and lost comment, and says no values", async () => {
    await pve.change("PUT", "/nodes/pve1/network/vmbr1", {
      type: "bridge",
      bridge_ports: "",
      delete: "comments",
    });
    await pve.change("PUT", "/nodes/pve1/network");
    expect((await pve.look()).table["pve.bridges.config@fabric-a"]).toMatch(/^fail/);
    const [done] = await mend(keyed("pve.bridges.config", "fabric-a"));
    expect(done).toMatch(/^fabric-a: set ports/);
    expect((await pve.look()).table["pve.bridges.config@fabric-a"]).toMatch(/^pass/);
    expect(await mend(keyed("pve.bridges.config", "fabric-a"))).toEqual([]);
  });

  it("reverts what is staged on a node, before anything else", async () => {
    await pve.change("PUT", "/nodes/pve2/network/vmbr1", { type: "bridge", bridge_ports: "" });
    const staged = keyed("pve.bridges.pending", "pve2");
    expect(mends(pve.config, [staged])[0]).toMatchObject({ target: "pve2", first: true });
    expect(await mend(staged)).toEqual(["pve2: reverted the staged network changes"]);
    expect((await pve.look()).table["pve.bridges.config@fabric-b"]).toMatch(/^pass/);
  });

  it("sets firewall options that were reset", async () => {
    await mend(keyed("pve.fw", "client2"));
    await pve.change("PUT", `${client2}/firewall/options`, { delete: "enable,policy_in" });
    expect(await mend(keyed("pve.fw", "client2"))).toEqual(["client2-firewall: set enabled, inputPolicy"]);
    expect(await mend(keyed("pve.fw", "client2"))).toEqual([]);
  });

  it("regenerates a config drive, and restarts the guest only where that makes another instance of it", async () => {
    expect(await mend(keyed("pve.ci.pending", "client2"))).toEqual(["client2: regenerated the config drive"]);
    const [renewing] = mends(pve.config, [keyed("pve.ci.fresh", "client2")]);
    expect(await renewing?.apply(signal())).toEqual({
      action: "regenerated the config drive, restarted",
      renewed: ["client2"],
    });
  });

  it("restarts a guest for settings that wait, and only for those", async () => {
    expect(await mend(keyed("pve.vm.state", "client2"))).toEqual([]);
    await pve.change("PUT", `${client2}/config`, { memory: "2048" });
    expect(await mend(keyed("pve.vm.state", "client2"))).toEqual([
      "client2: restarted for settings that waited",
    ]);
    expect(await mend(keyed("pve.vm.state", "client2"))).toEqual([]);
  });

  it("takes away the drives and settings that nobody declared, and makes a VM boot from its disk again", async () => {
    await pve.change("PUT", `${client2}/config`, {
      scsi5: "local-lvm:1",
      protection: "1",
      boot: "order=net0",
    });
    expect((await pve.look()).table["pve.vm.state@client2"]).toMatch(/^fail/);
    expect(await mend(keyed("pve.vm.state", "client2"))).toEqual([
      "client2: removed 1 settings, removed 1 drives, set bootOrders, restarted for settings that waited",
    ]);
    expect((await pve.look()).table["pve.vm.state@client2"]).toMatch(/^pass/);
    const left = await pve.send("GET", "/nodes/pve2/storage/local-lvm/content?vmid=9104");
    expect(JSON.stringify(left)).not.toContain("disk-1");
    expect(await mend(keyed("pve.vm.state", "client2"))).toEqual([]);
  });

  it("sets back what the provider does not read back of a clone", async () => {
    await pve.change("PUT", `${client2}/config`, { acpi: "0", bios: "ovmf", keyboard: "de", tablet: "0" });
    for (const verb of ["stop", "start"]) await pve.change("POST", `${client2}/status/${verb}`);
    expect((await pve.look()).table["pve.vm.state@client2"]).toMatch(/4 settings that are not as declared/);
    expect(await mend(keyed("pve.vm.state", "client2"))).toEqual([
      "client2: set 4 settings, restarted for settings that waited",
    ]);
    expect((await pve.look()).table["pve.vm.state@client2"]).toMatch(/^pass/);
  });

  it("takes away the address of a NIC that nobody declared, which the provider leaves where it is", async () => {
    await pve.change("PUT", `${client2}/config`, { ipconfig7: "ip=10.99.0.9/24" });
    expect((await pve.look()).table["pve.vm.state@client2"]).toMatch(
      /^fail: client2 has 1 settings that are not declared/,
    );
    expect(await mend(keyed("pve.vm.state", "client2"))).toEqual(["client2: removed 1 settings"]);
    expect((await pve.look()).table["pve.vm.state@client2"]).toMatch(/^pass/);
  });

  it("takes surplus serial ports and CD drives from the template, and tells a person of a disk that has grown", async () => {
    const template = "/nodes/pve1/qemu/9000";
    await pve.change("PUT", `${template}/config`, { serial1: "socket", ide1: "none,media=cdrom" });
    expect((await pve.look()).table["pve.template"]).toBe(
      "fail: the template differs in serial ports, drives",
    );
    expect(await mend("pve.template")).toEqual(["template: removed 1 serial ports, 1 CD drives"]);
    expect((await pve.look()).table["pve.template"]).toMatch(/^pass/);
    expect(await mend("pve.template")).toEqual([]);
    await pve.change("PUT", `${template}/config`, { scsi5: "local-lvm:1" });
    const [another] = mends(pve.config, ["pve.template"]);
    await expect(another?.apply(signal())).rejects.toMatchObject({
      advice: expect.stringMatching(/^it has disks that nobody declared, scsi5, which may hold/),
    });
    await pve.change("PUT", `${template}/resize`, { disk: "scsi0", size: String(20 * 2 ** 30) });
    const [grown] = mends(pve.config, ["pve.template"]);
    await expect(grown?.apply(signal())).rejects.toMatchObject({
      advice: expect.stringMatching(/^its disk has grown to 20 GiB, and no disk shrinks/),
    });
  });

  it("lets a paused VM go on", async () => {
    await pve.change("POST", `${client2}/status/suspend`);
    expect((await pve.look()).table["pve.vm.state@client2"]).toMatch(/^fail: client2 is paused/);
    expect(await mend(keyed("pve.vm.state", "client2"))).toEqual(["client2: resumed"]);
    expect((await pve.look()).table["g.ssh@client2"]).toMatch(/^pass/);
  });

  it("has a bridge applied again where only the kernel differs", async () => {
    expect(await mend(keyed("pve.bridges.live", "fabric-b"))).toEqual([
      "fabric-b: applied the node's network configuration again",
    ]);
  });

  it("that the API refuses throws", async () => {
    const token = { ...pve.config, nodes: pve.config.nodes.slice(0, 1) };
    pve.world.breakDown("pve/unauthorized");
    try {
      const [one] = mends(token, [keyed("pve.bridges.pending", "pve1")]);
      await expect(one?.apply(signal())).rejects.toMatchObject({ reason: "unauthorized" });
    } finally {
      pve.world.heal();
    }
  });
});

describe("a guest that may be made anew", () => {
  it("has witnesses on its own management bridge, and stands on that bridge", () => {
    const found = replaceable(pve.config).find(({ target }) => target === "client2");
    expect(found?.witnesses).toEqual(["g.ssh@leaf2", "g.ssh@edge1"]);
    expect(found?.provided).toContain("pve.bridges.config@fabric-b");
    expect(found?.silent).toEqual(["g.ssh@client2"]);
    expect(found?.spoiled).toEqual(
      expect.arrayContaining(["pve.qga.responsive@client2", "g.cloudinit@client2"]),
    );
  });
});

describe("a creation that was cut off", () => {
  const type = "proxmoxve:index/vmLegacy:VmLegacy";
  const inputs = { nodeName: "pve2", vmId: 9104, name: "client2", description: "run=run-x; expires=never" };

  async function claim(what: Parameters<typeof claimOf>[0]) {
    await using api = openApi(pve.config);
    return await claimOf(what, api, signal());
  }

  it("is ours where name and run are those that it was to get", async () => {
    await pve.change("PUT", `${client2}/config`, { description: inputs.description });
    expect(await claim({ type, inputs })).toEqual({ there: true, id: "9104" });
  });

  it("can not be told where another run or another name is there", async () => {
    expect(
      await claim({ type, inputs: { ...inputs, description: "run=run-y; expires=never" } }),
    ).toBeUndefined();
    expect(await claim({ type, inputs: { ...inputs, name: "client3" } })).toBeUndefined();
    expect(await claim({ type: "proxmoxve:network/linux/bridge:Bridge", inputs: {} })).toBeUndefined();
  });

  it("is ours too on the template's node, where a clone begins, and is moved to its own", async () => {
    await pve.change("POST", `${client2}/status/stop`);
    await pve.change("POST", `${client2}/migrate`, { target: "pve1", "with-local-disks": "1" });
    expect(await claim({ type, inputs: { ...inputs, name: "client3" } })).toBeUndefined();
    await expect(pve.send("GET", `${client2}/config`)).rejects.toThrow(/does not exist/);
    expect(await claim({ type, inputs })).toEqual({ there: true, id: "9104" });
    expect(await pve.send("GET", `${client2}/config`)).toMatchObject({ name: "client2" });
  });

  it("is nothing where nothing is there", async () => {
    expect(await claim({ type, inputs: { ...inputs, vmId: 9999 } })).toEqual({ there: false });
  });
});
