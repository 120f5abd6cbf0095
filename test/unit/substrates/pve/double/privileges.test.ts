import { existsSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { z } from "zod";
import { grants } from "../../../../../src/substrates/pve/double/grants.ts";
import { handle } from "../../../../../src/substrates/pve/double/handler.ts";
import type { Need } from "../../../../../src/substrates/pve/double/needs.ts";
import { routes } from "../../../../../src/substrates/pve/double/routes.ts";
import { addToken } from "../../../../../src/substrates/pve/double/tokens.ts";
import { type FarEnd, type Form, startFarEnd } from "./farend.ts";
import { makeTemplate } from "./guests.ts";

let far: FarEnd;
beforeEach(async () => {
  far = await startFarEnd();
});
afterEach(() => far[Symbol.asyncDispose]());

const vm = "/nodes/pve1/qemu/9000";
const tester = "tester@pve!lab";

/** What becomes of a request by a token with these rights: `OK`, or `403 …`. */
async function tried(rights: Readonly<Record<string, readonly string[]>>, call: string, form?: Form) {
  addToken(far.cluster, tester, rights);
  const [method = "", path = ""] = call.split(" ");
  const { status, reason } = await far.send(method, path, { as: tester, form });
  return status === 200 ? "OK" : `${status} ${reason}`;
}

const refused = (what: string) => `403 Permission check failed (${what})`;

describe("a token that only looks", () => {
  /** A value for each parameter in a path. */
  const place: Readonly<Record<string, string>> = {
    node: "pve1",
    vmid: "9000",
    storage: "local",
    volume: "local:import/noble.qcow2",
    iface: "vmbr1",
    pos: "0",
    name: "lab",
    cidr: "10.0.0.1",
  };
  /** What they take in the body. */
  const bodies: Readonly<Record<string, Form>> = {
    "POST /nodes/{node}/qemu": { vmid: "9300", name: "new" },
    "PUT /nodes/{node}/qemu/{vmid}/config": { name: "renamed", memory: "4096", scsi5: "local-lvm:1" },
    "POST /nodes/{node}/qemu/{vmid}/clone": { newid: "9300", full: "1" },
    "POST /pools": { poolid: "mine" },
    "PUT /pools": { poolid: "prod", comment: "mine" },
    "DELETE /pools": { poolid: "prod" },
  };
  /** What PVE lets it do: it has the right to see a VM's disks only together with that to set them. */
  const open = ["PUT /nodes/{node}/qemu/{vmid}/resize"];

  const writing = routes.filter(({ writes }) => writes).map(({ method, path }) => `${method} ${path}`);

  it.each(writing.filter((line) => !open.includes(line)))("is refused %s", async (line) => {
    await makeTemplate(far);
    const before = far.world.effects.length;
    const { id, secret } = addToken(far.cluster, tester, grants("look"));
    const [method = "", path = ""] = line.split(" ");
    const answer = handle(far.cluster, {
      method,
      path: path.replaceAll(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(place[key] ?? "")),
      parameters: bodies[line] ?? {},
      authorization: `PVEAPIToken=${id}=${secret}`,
    });
    expect(answer.status, answer.reason).toBe(403);
    expect(far.world.effects).toHaveLength(before);
  });

  it("may grow or take out a VM's disks, as PVE has it, and nothing else of its settings", async () => {
    await makeTemplate(far);
    expect(await tried(grants("look"), `PUT ${vm}/config`, { delete: "scsi0" })).toBe("OK");
    expect(await tried(grants("look"), `PUT ${vm}/config`, { delete: "memory" })).toBe(
      refused("/vms/9000, VM.Config.Memory"),
    );
  });
});

describe("a setting of a VM", () => {
  beforeEach(() => makeTemplate(far));
  const all = [
    ...["CDROM", "CPU", "Cloudinit", "Disk", "HWType", "Memory", "Network", "Options"].map(
      (kind) => `VM.Config.${kind}`,
    ),
  ];
  const cases: readonly (readonly [Form, string])[] = [
    [{ cores: "2" }, "VM.Config.CPU"],
    [{ delete: "vcpus,cpulimit" }, "VM.Config.CPU"],
    [{ memory: "2048" }, "VM.Config.Memory"],
    [{ scsihw: "virtio-scsi-single" }, "VM.Config.HWType"],
    [{ serial0: "socket" }, "VM.Config.HWType"],
    [{ tags: "a;b" }, "VM.Config.Options"],
    [{ agent: "1" }, "VM.Config.Options"],
    [{ boot: "order=net0" }, "VM.Config.Disk"],
    [{ delete: "net5" }, "VM.Config.Network"],
    [{ ide2: "file=local-lvm:cloudinit," }, "VM.Config.Cloudinit"],
    [{ ide2: "file=local-lvm:cloudinit," }, "VM.Config.CDROM"],
    [{ ide3: "file=none,media=cdrom," }, "VM.Config.CDROM"],
    [{ delete: "scsi0" }, "VM.Config.Disk"],
  ];

  it.each(cases)("%j takes %s and no more", async (form, right) => {
    const without = all.filter((name) => name !== right);
    expect(await tried({ "/vms": without }, `PUT ${vm}/config`, form)).toBe(refused(`/vms/9000, ${right}`));
    expect(await tried({ "/vms": all }, `PUT ${vm}/config`, form)).toBe("OK");
  });

  it("for cloud-init takes one of two rights", async () => {
    for (const right of ["VM.Config.Cloudinit", "VM.Config.Network"])
      expect(await tried({ "/vms": [right] }, `PUT ${vm}/config`, { ciuser: "lab" })).toBe("OK");
    expect(await tried({ "/vms": ["VM.Config.Disk"] }, `PUT ${vm}/config`, { ciuser: "lab" })).toBe(
      refused("/vms/9000, VM.Config.Cloudinit|VM.Config.Network"),
    );
  });

  it("that plugs it in takes the use of the bridge, or of that VLAN on it; the old one's too", async () => {
    const nic = { net0: "model=virtio,bridge=vmbr1,tag=99" };
    const vlan = { "/vms": all, "/sdn/zones/localnetwork/vmbr1/99": ["SDN.Use"] };
    expect(await tried({ "/vms": all }, `PUT ${vm}/config`, nic)).toBe(
      refused("/sdn/zones/localnetwork/vmbr1/99, SDN.Use"),
    );
    expect(await tried(vlan, `PUT ${vm}/config`, nic)).toBe("OK");
    expect(await tried({ "/vms": all }, `PUT ${vm}/config`, { delete: "net0" })).toBe(
      refused("/sdn/zones/localnetwork/vmbr1/99, SDN.Use"),
    );
    const { data } = await far.send("GET", "/nodes/pve1/network", { as: tester });
    expect(JSON.stringify(data)).not.toContain("vmbr1");
  });

  it("that makes a disk takes space on the datastore", async () => {
    const disk = { scsi5: "local-lvm:1" };
    expect(await tried({ "/vms": all }, `PUT ${vm}/config`, disk)).toBe(
      refused("/storage/local-lvm, Datastore.AllocateSpace"),
    );
    const space = { "/vms": all, "/storage/local-lvm": ["Datastore.AllocateSpace"] };
    expect(await tried(space, `PUT ${vm}/config`, disk)).toBe("OK");
  });
});

describe("a clone", () => {
  beforeEach(() => makeTemplate(far));
  const storage = { "/storage/local-lvm": ["Datastore.AllocateSpace"] };
  const clone = { newid: "9300", full: "1", name: "copy" };

  it("takes rights on both VMs and on space", async () => {
    expect(await tried({}, `POST ${vm}/clone`, clone)).toBe(refused("/vms/9000, VM.Clone"));
    const source = { "/vms/9000": ["VM.Clone"] };
    expect(await tried({ ...source, ...storage }, `POST ${vm}/clone`, clone)).toBe(
      "403 Permission check failed",
    );
    const both = { ...source, "/vms/9300": ["VM.Allocate"] };
    expect(await tried(both, `POST ${vm}/clone`, clone)).toBe(
      refused("/storage/local-lvm, Datastore.AllocateSpace"),
    );
    expect(await tried({ ...both, ...storage }, `POST ${vm}/clone`, clone)).toBe("OK");
  });

  it("in a pool takes rights on the pool, which then reach it until it is gone", async () => {
    const rights = { ...storage, "/vms/9000": ["VM.Clone"], "/pool/prod": ["VM.Allocate", "VM.Audit"] };
    expect(await tried(rights, `POST ${vm}/clone`, { ...clone, pool: "prod" })).toBe("OK");
    far.pass(100);
    const permissions = () => far.send("GET", "/access/permissions", { as: tester });
    expect((await permissions()).data).toMatchObject({ "/vms/9300": { "VM.Allocate": 0, "VM.Audit": 0 } });
    expect((await far.send("GET", "/nodes/pve1/qemu/9300/config", { as: tester })).data).toMatchObject({
      name: "copy",
    });
    const listed = await far.send("GET", "/pools", { query: { poolid: "prod" } });
    expect(listed.data).toMatchObject([{ poolid: "prod", members: [{ vmid: 9300, id: "qemu/9300" }] }]);
    expect(await far.change("DELETE", "/nodes/pve1/qemu/9300")).toBe("OK");
    expect((await permissions()).data).not.toHaveProperty("/vms/9300");
    expect((await far.send("GET", "/pools", { query: { poolid: "prod" } })).data).toMatchObject([
      { members: [] },
    ]);
  });
});

describe("an entry of the access list", () => {
  it("takes the place of what is inherited, and goes with its VM", async () => {
    await makeTemplate(far);
    const rights = { "/": ["VM.Audit", "VM.Allocate"], "/vms/9000": ["VM.Audit"] };
    expect(await tried(rights, `DELETE ${vm}`)).toBe(refused("/vms/9000, VM.Allocate"));
    expect(await far.change("DELETE", vm)).toBe("OK");
    expect(far.cluster.tokens.get(tester)?.acl.has("/vms/9000")).toBe(false);
  });

  it("that does not propagate holds on its own path alone", async () => {
    const { acl } = addToken(far.cluster, tester, {});
    acl.set("/", { privileges: ["Sys.Audit"], propagate: false });
    expect((await far.send("GET", "/cluster/status", { as: tester })).status).toBe(200);
    expect((await far.send("GET", "/nodes/pve1/status", { as: tester })).status).toBe(403);
    const told = await far.send("GET", "/access/permissions", { as: tester });
    expect(told.data).toEqual({ "/": { "Sys.Audit": 0 } });
  });
});

test("a task is told to whoever started it, and to those who may see its node", async () => {
  const { data } = await far.send("PUT", "/nodes/pve1/network");
  const path = `/nodes/pve1/tasks/${encodeURIComponent(String(data))}/status`;
  expect(await tried({}, `GET ${path}`)).toBe(refused("/nodes/pve1, Sys.Audit"));
  expect(await tried({ "/nodes": ["Sys.Audit"] }, `GET ${path}`)).toBe("OK");
});

describe("pools", () => {
  it("come, change and go; one with members does not go, and a VM is in one at most", async () => {
    await makeTemplate(far);
    const pool = { poolid: "ours" };
    expect(await far.change("POST", "/pools", { ...pool, comment: "a" })).toBe("OK");
    expect(await far.change("PUT", "/pools", { ...pool, comment: "b", vms: "9000" })).toBe("OK");
    expect((await far.send("GET", "/pools", { query: pool })).data).toMatchObject([
      { comment: "b", members: [{ vmid: 9000 }] },
    ]);
    expect(await far.change("PUT", "/pools", { ...pool, vms: "9000" })).toMatch(/already a pool member/);
    expect(await far.change("PUT", "/pools", { poolid: "prod", vms: "9000" })).toMatch(/belongs already/);
    expect(await far.change("DELETE", "/pools?poolid=ours")).toMatch(/is not empty/);
    expect(await far.change("PUT", "/pools", { ...pool, vms: "9000", delete: "1" })).toBe("OK");
    expect(await far.change("DELETE", "/pools?poolid=ours")).toBe("OK");
    expect((await far.send("GET", "/pools", { query: pool })).status).toBe(500);
  });

  it("take a right on the VM as well, and are left out of the list for those who may not see them", async () => {
    await makeTemplate(far);
    const form = { poolid: "prod", vms: "9000" };
    const rights = { "/pool/prod": ["Pool.Allocate"] };
    expect(await tried(rights, "PUT /pools", form)).toBe(
      refused("/vms/9000, Permissions.Modify|VM.Allocate"),
    );
    expect((await far.send("GET", "/pools", { as: tester })).data).toEqual([]);
  });
});

const file = new URL("../../../../../../shared/pve/permissions.json", import.meta.url);

/** As PVE's API description has it (pve-docs, api-viewer/apidata.js, `permissions` of each method). */
const permissions = z.record(
  z.string(),
  z.object({ user: z.string().optional(), check: z.array(z.unknown()).optional() }).nullable(),
);
const atom = z.tuple([z.literal("perm"), z.string(), z.array(z.string())], z.unknown());
const branch = z.tuple([z.enum(["and", "or"])], z.array(z.unknown()));

function needOf(check: unknown): Need {
  const several = branch.safeParse(check);
  if (several.success) {
    const [how, ...parts] = several.data;
    return how === "and" ? { every: parts.map(needOf) } : { either: parts.map(needOf) };
  }
  const [, on, names, ...options] = atom.parse(check);
  const given = options[options.indexOf("require_param") + 1];
  return {
    on,
    ...(options.includes("any") ? { any: names } : { all: names }),
    ...(options.includes("require_param") && { given: String(given) }),
  };
}

describe.skipIf(!existsSync(file))("every route (skipped without ../shared/pve/permissions.json)", () => {
  it("takes what PVE's API description says", () => {
    const described = permissions.parse(JSON.parse(readFileSync(file, "utf8")));
    const own = routes.map(({ method, path, needs }) => [`${method} ${path}`, needs] as const);
    const wanted = own.map(([line]) => {
      const check = described[line]?.check;
      return [line, check === undefined ? undefined : needOf(check)] as const;
    });
    expect(own.filter(([line]) => !(line in described))).toEqual([]);
    expect(Object.fromEntries(own)).toEqual(Object.fromEntries(wanted));
  });
});
