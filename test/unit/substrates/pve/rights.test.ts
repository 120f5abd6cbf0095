import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Api } from "../../../../src/substrates/pve/api.ts";
import { checkPermissions } from "../../../../src/substrates/pve/checks/permissions.ts";
import type { PveConfig } from "../../../../src/substrates/pve/config.ts";
import { grants } from "../../../../src/substrates/pve/double/grants.ts";
import { type Place, pathsOf, rights } from "../../../../src/substrates/pve/rights.ts";
import { type Provisioned, startProvisioned } from "./provisioned.ts";

let substrate: Provisioned;
beforeAll(async () => {
  substrate = await startProvisioned();
}, 300_000);
afterAll(() => substrate[Symbol.asyncDispose]());

type Acl = Readonly<Record<string, readonly string[]>>;

/** What the gate says to a token with these rights. */
async function told(acl: Acl, repair: boolean, changes: Partial<PveConfig> = {}) {
  const config = { ...substrate.as(acl), ...changes };
  return (await substrate.ask(["pve.perms"], { config, repair }))["pve.perms"];
}

/** The documented rights, each on its own paths alone; `but`: all of them except this one. */
function documented(purpose: "look" | "repair", but?: { place: Place; right: string }): Acl {
  const granted = new Map<string, Set<string>>();
  for (const { place, look, repair } of rights)
    for (const path of pathsOf(substrate.config)[place]) {
      const own: readonly string[] = purpose === "look" ? look : [...look, ...repair];
      granted.set(path, new Set([...(granted.get(path) ?? []), ...own]));
    }
  if (but !== undefined)
    for (const path of pathsOf(substrate.config)[but.place]) granted.get(path)?.delete(but.right);
  return Object.fromEntries([...granted].map(([path, own]) => [path, [...own]]));
}

const rows = rights.flatMap(({ place, look, repair }) => [
  ...look.map((right) => ({ place, right, purpose: "look" as const })),
  ...repair.map((right) => ({ place, right, purpose: "repair" as const })),
]);
/** The lab that adopts nothing has no pool. */
const declared = rows.filter(({ place }) => place !== "the pool");

describe("a token", () => {
  it("with the documented rights for looking may look, and is told that it may not repair", async () => {
    for (const acl of [grants("look"), documented("look")]) {
      expect(await told(acl, false)).toBe("pass");
      expect(await told(acl, true)).toMatch(
        /^blocked: could not repair: the token lacks Sys.Modify on nodes/,
      );
    }
  });

  it("with the documented rights for repairing may do both", async () => {
    for (const acl of [grants("repair"), documented("repair")])
      for (const repair of [false, true]) expect(await told(acl, repair)).toBe("pass");
  });

  it.each(declared)("lacks $right on $place, to $purpose, where only that is taken from it", async (row) => {
    // To use a bridge includes to see it.
    const missing = documented(row.purpose, row);
    expect(await told(missing, row.purpose === "repair")).toBe(
      `blocked: could not ${row.purpose}: the token lacks ${row.right} on ${row.place}`,
    );
    if (row.purpose === "repair") expect(await told(missing, false)).toBe("pass");
  });

  it("needs rights on a pool where there is to be one, and may have those on VMs through it", async () => {
    const pool = { id: "routerd", comment: "ours" };
    expect(await told(grants("look"), false, { pool })).toBe("pass");
    const { "/pool": _, ...without } = grants("repair");
    expect(await told(without, true, { pool })).toMatch(/lacks Pool.Audit, Pool.Allocate on the pool$/);
    const { "/vms": onVms = [], "/pool": onPool = [], ...others } = grants("repair");
    const through = { ...others, "/vms": ["VM.Audit"], "/pool/routerd": [...onPool, ...onVms] };
    expect(await told(through, true, { pool })).toBe("pass");
    expect(await told(through, true)).toMatch(/VM.Config.Disk, VM.GuestAgent.Unrestricted/);
    // Others' template is in no pool of ours.
    const template = { ...substrate.config.template, adopt: "pve1/9000" };
    expect(await told(through, true, { pool, template, image: undefined })).toBe(
      "blocked: could not look: the token lacks VM.Config.Disk, VM.Clone on the template",
    );
  });

  it("has what wider rights include, by PVE 8's name too", async () => {
    const acl = {
      ...grants("look"),
      "/sdn/zones/localnetwork": ["SDN.Use"],
      "/vms": ["VM.Audit", "VM.Config.Disk", "VM.Monitor"],
    };
    expect(await told(acl, false)).toBe("pass");
  });

  it("lacks what it holds on all VMs only where that does not reach the VMs below", async () => {
    const held = new Map(Object.entries(documented("look")));
    const refuse = () => Promise.reject(new TypeError("not asked"));
    const judged = (below: 0 | 1) => {
      const api: Api = {
        get: async (path, model) => {
          const [, place = ""] = path.split("=");
          const own = (held.get(place) ?? []).map((right) => [right, place === "/vms" ? below : 1]);
          return model.parse({ [place]: Object.fromEntries(own) });
        },
        ...{ whole: refuse, ask: refuse, change: refuse, [Symbol.asyncDispose]: async () => undefined },
      };
      return checkPermissions(substrate.config, { api, repair: false, signal: AbortSignal.timeout(1_000) });
    };
    expect((await judged(1)).result).toBe("pass");
    expect((await judged(0)).summary).toBe("could not look: the token lacks VM.Audit on all VMs");
  });

  it("lacks what is taken away further down, though it is held above", async () => {
    expect(await told({ ...grants("look"), "/vms/9103": [] }, false)).toBe(
      "blocked: could not look: the token lacks VM.Audit on all VMs; " +
        "VM.Config.Disk, VM.GuestAgent.Unrestricted on the guests",
    );
  });

  it("that PVE will not tell the rights of is blocked", async () => {
    substrate.world.breakDown("pve/unauthorized");
    expect(await told(grants("repair"), true)).toMatch(/^blocked: could not look: credentials refused/);
    substrate.world.heal();
  });
});

describe("every documented right to look", () => {
  const looked = [
    ...["pve.nodes", "pve.proxy", "pve.storage", "pve.template", "pve.bridges.config", "pve.placement"],
    ...["pve.fw", "pve.qga.exec", "pve.ci.attached", "pve.inventory"],
  ];
  const seen = async (acl: Acl) => ({
    answers: await substrate.ask(looked, { config: substrate.as(acl) }),
    refreshed: await substrate.refresh(acl).catch((error: unknown) => String(error)),
  });

  it.each(declared.filter(({ purpose }) => purpose === "look"))(
    "is needed: without $right on $place a check or a refresh sees less",
    async (row) => {
      expect(await seen(documented("look", row))).not.toEqual(await seen(documented("look")));
    },
  );
});

describe("the README", () => {
  const text = readFileSync(new URL("../../../../README.md", import.meta.url), "utf8");
  const section = text.split(/^## /m).find((part) => part.startsWith("Rights of the tokens\n")) ?? "";
  const lines = section.split("\n").filter((line) => line.startsWith("| "));

  /** Privileges by place, from the table whose rows begin with a place. */
  const table = (column: number) =>
    rights.map(({ place }) => {
      const cells = lines.find((line) => line.startsWith(`| ${place} |`))?.split("|") ?? [];
      return [place, [...(cells[column] ?? "").matchAll(/`([A-Z]\w+\.[\w.]+)`/g)].map(([, right]) => right)];
    });

  it("has exactly the rights that are asked for, place by place", () => {
    expect(table(3)).toEqual(rights.map(({ place, look }) => [place, [...look]]));
    expect(table(4)).toEqual(rights.map(({ place, repair }) => [place, [...repair]]));
  });
});
