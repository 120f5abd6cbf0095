import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Problem } from "../../../../src/environment/problem.ts";
import { pathsOf } from "../../../../src/substrates/pve/rights.ts";
import { Substrate } from "../../../support/substrate.ts";

let substrate: Substrate;
beforeAll(async () => {
  substrate = await Substrate.start("lab-adopted");
}, 300_000);
afterAll(() => substrate[Symbol.asyncDispose]());
afterEach(() => substrate.heal());

const template = { node: "pve2", vmId: 8000, iface: "vmbr0", disk: 8, adopt: "pve2/8000" };
const config = "/nodes/pve2/qemu/8000/config";
const passes = (said: string | undefined) => /^pass: /.test(said ?? "");

describe("a substrate whose bridge, template and pool were there before us", () => {
  it("passes every check without an image, and keeps the template out of the run's inventory", async () => {
    const answers = await substrate.look();
    expect(Object.entries(answers).filter(([, said]) => !passes(said))).toEqual([]);
    expect(Object.keys(answers)).not.toContain("pve.baseimage");
    expect(answers["pve.inventory"]).toBe(
      "pass: 4 VMs carry the run's tag, all of them declared; 1 adopted one is kept",
    );
  });

  it("makes its guests members of the pool, and leaves template and pool as they were", async () => {
    expect(await substrate.read("leaf3")).toMatchObject({ poolId: "platform" });
    expect(await substrate.read("template")).toMatchObject({
      name: "golden-noble",
      description: "built every Monday",
      tags: ["golden", "platform"],
      poolId: "platform",
      cpu: { cores: 2, type: "host" },
    });
    expect(await substrate.read("pool")).toMatchObject({ comment: "kept by the platform team" });
  });
});

describe("an adopted template", () => {
  const changed = async (form: Readonly<Record<string, string>>) => {
    await substrate.send({ method: "PUT", path: config, form });
    return (await substrate.look())["pve.template"];
  };

  it("is its owner's: name, tags, description and size are not judged", async () => {
    const form = {
      name: "golden-2",
      tags: "new",
      description: "rebuilt",
      cores: "8",
      memory: "8192",
      agent: "0",
    };
    expect(passes(await changed(form))).toBe(true);
  });

  it.each([
    [{ delete: "scsi0" }, "disk, disk size"],
    [{ bios: "ovmf" }, "firmware"],
    [{ template: "0" }, "being a template"],
  ])("that guests could not be made from fails: %j", async (form, words) => {
    expect(await changed(form)).toBe(`fail: the adopted template differs in ${words}`);
  });

  it("of another size than declared, or that is not there, fails", async () => {
    const asked = (changes: object) => substrate.look({ "pve:template": { ...template, ...changes } });
    expect((await asked({ disk: 20 }))["pve.template"]).toBe(
      "fail: the adopted template differs in disk size",
    );
    const none = await asked({ vmId: 8001, adopt: "pve2/8001" });
    expect(none["pve.template"]).toBe("fail: the template does not exist");
  });
});

describe("the rights to repair it", () => {
  it("are none on images, and on the template only to look and to clone", () => {
    const paths = pathsOf(substrate.config());
    expect(paths).toMatchObject({
      "the template": ["/vms/8000"],
      "a template of our own": [],
      "the datastore of the image": [],
      "the node of the image": [],
      "guests on other nodes than the template": [],
      "the pool": ["/pool/platform"],
    });
  });
});

describe("a guest that is taken out of the pool", () => {
  it("is seen to differ, for the engine reads the pool of every VM", async () => {
    const { outsider } = substrate.running;
    const vm = outsider.resource("proxmoxve:index/vmLegacy:VmLegacy");
    await substrate.set("client3", (inputs) => ({ ...inputs, poolId: "" }));
    const now = await substrate.read("client3");
    expect(now).toMatchObject({ poolId: "" });
    const wanted = { ...now, poolId: "platform" };
    expect(vm.diff({ id: "9201", inputs: wanted, outputs: now ?? {} }, wanted)).toEqual([
      { path: "poolId", kind: "add" },
    ]);
  });
});

describe("a config that contradicts itself", () => {
  const image = {
    ...{ node: "pve1", datastore: "local", file: "a.qcow2", url: "https://images.example.test/a.img" },
    ...{ sha256: "0".repeat(64), size: 1 },
  };
  const bridge = { node: "pve2", iface: "vmbr1", ports: ["eno2"], adopt: "pve1:vmbr1" };

  it.each<[string, object, RegExp]>([
    [
      "a template by another id",
      { "pve:template": { ...template, adopt: "8000" } },
      /this template's id, <node>\/<vmId>/,
    ],
    ["a bridge by another id", { "pve:bridges": { "fabric-b": bridge } }, /this bridge's id, <node>:<iface>/],
    ["a pool by another name", { "pve:pool": { id: "platform", adopt: "prod" } }, /this pool's name/],
    [
      "an adopted template and an image",
      { "pve:image": image },
      /pve:image: expected none, for pve:template is adopted/,
    ],
    [
      "a template to be made without an image",
      { "pve:template": { ...template, adopt: undefined } },
      /pve:image: expected the image that the template is made from/,
    ],
    [
      "a template to be made without a bridge",
      { "pve:image": image, "pve:template": { node: "pve2", vmId: 8000 } },
      /pve:template.iface: expected the bridge of the template's interface/,
    ],
  ])("%s is refused by name", (_what, changes, words) => {
    expect(() => substrate.config({ ...changes })).toThrow(Problem);
    expect(() => substrate.config({ ...changes })).toThrow(words);
  });
});
