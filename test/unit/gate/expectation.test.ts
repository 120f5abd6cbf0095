import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dump, load } from "js-yaml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { lineOf } from "../../../src/environment/problem.ts";
import type { RawConfig } from "../../../src/environment/section.ts";
import { type Expectation, expectationOf } from "../../../src/gate/expectation.ts";
import type { Refusal } from "../../../src/gate/refusal.ts";
import { substrateNames } from "../../../src/substrates/index.ts";
import { expected, layOver, overlay, project } from "../../support/gate.ts";

let folder: string;
beforeAll(async () => {
  folder = await layOver();
});
afterAll(() => rm(folder, { recursive: true }));

describe("what is expected of the lab", () => {
  it("is one group for each planned check, and at least one check for each group", async () => {
    const { groups, planned } = await expected();
    const grouped = Object.values(groups).flat();
    expect(grouped).toHaveLength(new Set(grouped).size);
    expect(planned.filter(({ id }) => !grouped.includes(id))).toEqual([]);
    for (const ids of Object.values(groups)) expect(planned.some(({ id }) => ids.includes(id))).toBe(true);
  });

  it("holds the groups that the design closes", async () => {
    expect(substrateNames).toContain("pve");
    expect(Object.keys((await expected()).groups)).toEqual([
      ...["api", "bridges", "templates", "guest-agent"],
      ...["config-drive", "boot", "reachability", "state"],
    ]);
  });

  it("has the drift, and every guest by SSH", async () => {
    const { planned } = await expected();
    expect(planned).toContainEqual({ id: "pve.drift" });
    expect(planned.filter(({ id }) => id === "g.ssh").map(({ target }) => target)).toEqual([
      ...["client1", "leaf1", "leaf2", "client2", "edge1"],
    ]);
  });
});

describe("stack config with encrypted values", () => {
  const encrypted = { secure: "v1:abc" };
  let elsewhere: string;
  let plain: RawConfig;
  beforeAll(async () => {
    elsewhere = await mkdtemp(join(tmpdir(), "project-"));
    await mkdir(join(elsewhere, "stacks"));
    await symlink(join(project, "node_modules"), join(elsewhere, "node_modules"));
    const tracked = load(await readFile(join(project, "stacks/Pulumi.lab-pve.yaml"), "utf8"));
    plain = { ...z.object({ config: z.record(z.string(), z.unknown()) }).parse(tracked).config, ...overlay };
  });
  afterAll(() => rm(elsewhere, { recursive: true }));

  type Changes = Readonly<Record<string, unknown>>;
  type Decrypt = (stack: string) => Promise<RawConfig>;

  async function expectedOf(changes: Changes, decrypt?: Decrypt): Promise<Expectation | Refusal> {
    const config = { ...plain, ...changes };
    await writeFile(join(elsewhere, "stacks/Pulumi.real-pve.yaml"), dump({ config }));
    const sources = { environment: "real", project: elsewhere, source: "s", decrypt };
    return expectationOf("pve", sources);
  }

  async function digestOf(changes: Changes, decrypt?: Decrypt): Promise<string | undefined> {
    const found = await expectedOf(changes, decrypt);
    return "planned" in found ? found.versions["declared/pve"] : lineOf(found);
  }

  it("has the same digest whatever the secrets are, and nobody is asked to decrypt them", async () => {
    const digest = await digestOf({});
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    const never = () => Promise.reject(new Error("asked"));
    expect(await digestOf({ "pve:token": encrypted, "substrate:sshKey": encrypted }, never)).toBe(digest);
  });

  it("is decrypted where an encrypted value is no secret, and has the digest of the value", async () => {
    const digest = await digestOf({ "pve:domain": "hidden.test" });
    const changes = { "pve:domain": encrypted };
    expect(await digestOf(changes, async () => ({ ...plain, "pve:domain": "hidden.test" }))).toBe(digest);
    const guests = { "pve:guests": encrypted };
    expect(await digestOf(guests, async () => plain)).toBe(await digestOf({}));
  });

  it("can not be compared where nobody may be asked to decrypt such a value", async () => {
    for (const key of ["pve:domain", "pve:guests"]) {
      const found = await expectedOf({ [key]: encrypted });
      expect(found).toMatchObject({ code: "declaration", unseen: true });
      expect("code" in found && lineOf(found)).toBe(
        "stacks/Pulumi.real-pve.yaml: expected plain values where their digest counts, got encrypted ones — ask without --offline, so that the engine decrypts them",
      );
    }
  });

  it("that is not valid is refused in its own words", async () => {
    const found = await expectedOf({ "pve:nodes": "replace me" });
    expect(found).toMatchObject({ code: "declaration", subject: "stacks/Pulumi.real-pve.yaml pve:nodes" });
    expect(found).not.toHaveProperty("unseen");
  });

  it("is not refused where decrypting itself is defective: a defect is told as one", async () => {
    const defective = () => Promise.reject(new TypeError("defect"));
    await expect(expectedOf({ "pve:domain": encrypted }, defective)).rejects.toThrow(new TypeError("defect"));
  });
});
