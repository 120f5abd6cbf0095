import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "js-yaml";
import ssh2 from "ssh2";
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { beginEnvironment, nextSteps } from "../../../src/cli/environment.ts";
import { Problem } from "../../../src/environment/problem.ts";
import { loadSubstrate, substrateNames } from "../../../src/substrates/index.ts";

const tracked = z.object({ config: z.record(z.string(), z.unknown()) });

let project: string;
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "environment-"));
  return () => rm(project, { recursive: true });
});

const read = (file: string) => readFile(join(project, file), "utf8");

type Decisions = readonly (readonly [RegExp, string | number])[];

/** Values that a person could have put in, by the words of the placeholder. */
const pve: Decisions = [
  [/logical name/, "sam-full"],
  [/<host>/, "https://pve.example.test:8006/"],
  [/AA:BB/, Array.from({ length: 32 }, () => "AB").join(":")],
  [/node's name/, "pve1"],
  [/node's address/, "pve1.example.test"],
  [/ssh-ed25519/, "ssh-ed25519 AAAA"],
  [/network port/, "eno2"],
  [/<mirror>/, "https://mirror.example.test/noble.img"],
  [/SHA-256/, "0".repeat(64)],
  [/size in bytes/, 612_368_384],
  [/domain/, "lab.example.test"],
  [/an IPv4 address/, "10.0.99.1"],
  [/10\.0\.99\.11/, "10.0.99.11/24"],
  [/10\.0\.99\.12/, "10.0.99.12/24"],
  [/10\.0\.99\.0/, "10.0.99.0/24"],
];
const aws: Decisions = [
  [/logical name/, "sam-full"],
  [/12 digits/, "123456789012"],
  [/eu-central-1$/, "eu-central-1"],
  [/eu-central-1a/, "eu-central-1a"],
  [/euc1/, "euc1-az2"],
  [/routerd-release/, "routerd-release"],
  [/ami-/, "ami-0123456789abcdef0"],
  [/<date>/, "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20251022"],
  [/198\.51/, "198.51.100.0/24"],
];
const azure: Decisions = [
  [/logical name/, "sam-full"],
  // Tenant and subscription have the same words.
  ...Array.from({ length: 2 }, () => [/00001111/, "00001111-aaaa-2222-bbbb-3333cccc4444"] as const),
  [/westeurope/, "westeurope"],
  [/routerd-release/, "routerd-release"],
  [/24\.04/, "24.04.202510220"],
  [/198\.51/, "198.51.100.0/24"],
];
const oci: Decisions = [
  [/logical name/, "sam-full"],
  [/ocid1\.tenancy/, "ocid1.tenancy.oc1..exampleuniqueid"],
  [/the tenancy's name/, "routerd"],
  [/object storage/, "axexample"],
  [/ocid1\.compartment/, "ocid1.compartment.oc1..exampleuniqueid"],
  [/the compartment's name/, "release"],
  [/eu-frankfurt-1$/, "eu-frankfurt-1"],
  [/EU-FRANKFURT/, "Uocm:EU-FRANKFURT-1-AD-1"],
  [/routerd-release/, "routerd-release"],
  [/ocid1\.image/, "ocid1.image.oc1.eu-frankfurt-1.exampleuniqueid"],
  [/<date>/, "Canonical-Ubuntu-24.04-2025.10.31-0"],
  [/198\.51/, "198.51.100.0/24"],
];
const decisions: Readonly<Record<string, Decisions>> = { pve, aws, azure, oci };

describe("a new environment", () => {
  it("gets stack config for every substrate, and a key of its own outside of it", async () => {
    const begun = await beginEnvironment("berlin", project);
    expect(begun.configs).toEqual(substrateNames.map((name) => `stacks/Pulumi.berlin-${name}.yaml`));
    const overlay = JSON.parse(await read(begun.overlay));
    expect((await stat(join(project, begun.overlay))).mode & 0o777).toBe(0o600);
    for (const name of substrateNames) {
      const key = ssh2.utils.parseKey(overlay[`berlin-${name}`]["substrate:sshKey"]);
      expect(key).toMatchObject({ type: "ssh-ed25519" });
    }
    for (const file of begun.configs) expect(await read(file)).not.toMatch(/PRIVATE KEY/);
    expect(nextSteps(begun)).not.toMatch(/PRIVATE KEY/);
    expect(nextSteps(begun)).toMatch(/: ssh-ed25519 [A-Za-z0-9+/=]{68}$/m);
    expect(nextSteps(begun)).toContain("pulumi config set --secret -s berlin-");
  });

  it("is refused by name until its last placeholder is replaced, and accepted then", async () => {
    const { configs, overlay } = await beginEnvironment("berlin", project);
    for (const [index, name] of substrateNames.entries()) {
      const file = configs[index] ?? "";
      const { open } = await loadSubstrate(name);
      const tokens = name === "pve" ? { "pve:token": "a@b!c=d" } : {};
      const secrets = { ...JSON.parse(await read(overlay))[`berlin-${name}`], ...tokens };
      let text = await read(file);
      const attempt = () => open({ ...tracked.parse(load(text)).config, ...secrets }, file);
      for (const [placeholder, value] of decisions[name] ?? []) {
        expect(attempt).toThrow(
          /Pulumi\.berlin-[a-z]+\.yaml [a-z]+:\w+: expected a value of yours, got "replace me"/,
        );
        text = text.replaceAll(/"replace me: [^"]*"/g, (found) =>
          placeholder.test(found.slice(1, -1)) ? JSON.stringify(value) : found,
        );
      }
      expect(attempt().topology).toBe("sam-full");
    }
  });

  it("never overwrites anything, nor leaves a half of itself", async () => {
    const begun = await beginEnvironment("berlin", project);
    const before = await read(begun.configs[0] ?? "");
    await rm(join(project, begun.overlay));
    await expect(beginEnvironment("berlin", project)).rejects.toThrow(Problem);
    expect(await read(begun.configs[0] ?? "")).toBe(before);
    expect(await readdir(join(project, ".private"))).toEqual([]);
  });
});
