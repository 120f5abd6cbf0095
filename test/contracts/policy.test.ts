// The policies against every substrate's own declaration: the lab's stack passes, and each rule bites on what is altered.
import { readFileSync } from "node:fs";
import { load } from "js-yaml";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { rules, type Stack, stackWith } from "../../policy/rules.ts";
import { newRun } from "../../src/environment/run.ts";
import { loadSubstrate, substrateNames } from "../../src/substrates/index.ts";
import type { Declaring, SubstratePolicy } from "../../src/substrates/policy.ts";
import { generateHostKey } from "../../src/world/hostkey.ts";
import { declaredBy } from "../support/declared.ts";

type Props = Declaring["props"];

/** What a substrate's rules can not be tried without. */
type Sample = {
  /** Config that only a running lab has, beside SSH and host keys. */
  readonly overlay: Props;
  /** Alters what lets traffic in, so that SSH is open to anywhere; none for other resources. */
  readonly opened: (resource: Declaring) => Props | undefined;
  /** Alters user data, so that a secret is in it; none for other resources. */
  readonly leaking: (resource: Declaring, secret: string) => Props | undefined;
};

const samples: Readonly<Record<string, Sample>> = {
  aws: {
    overlay: {},
    opened: ({ type, props }) =>
      type.endsWith(":SecurityGroup")
        ? { ...props, ingress: [{ protocol: "tcp", fromPort: 0, toPort: 1024, cidrBlocks: ["0.0.0.0/0"] }] }
        : undefined,
    leaking: ({ type, props }, secret) =>
      type.endsWith(":Instance") ? { ...props, userData: `${props.userData}\n${secret}` } : undefined,
  },
  azure: {
    overlay: {},
    opened: ({ type, props }) =>
      type.endsWith(":NetworkSecurityGroup")
        ? {
            ...props,
            securityRules: [
              {
                ...{ access: "Allow", direction: "Inbound", protocol: "Tcp" },
                ...{ sourceAddressPrefix: "Internet", destinationPortRange: "20-25" },
              },
            ],
          }
        : undefined,
    leaking: ({ type, props }, secret) =>
      type.endsWith(":VirtualMachine")
        ? { ...props, userData: Buffer.from(`note: ${secret}`).toString("base64") }
        : undefined,
  },
  oci: {
    overlay: {},
    opened: ({ type, props }) =>
      type.endsWith(":SecurityList")
        ? {
            ...props,
            ingressSecurityRules: [{ protocol: "6", source: "0.0.0.0/0", tcpOptions: { min: 1, max: 1024 } }],
          }
        : undefined,
    leaking: ({ type, props }, secret) => {
      if (!type.endsWith(":Instance")) return undefined;
      const metadata = z.record(z.string(), z.string()).parse(props.metadata);
      const told = Buffer.from(metadata.user_data ?? "", "base64").toString();
      return {
        ...props,
        metadata: { ...metadata, user_data: Buffer.from(`${told}\n${secret}`).toString("base64") },
      };
    },
  },
  pve: {
    overlay: {
      "pve:endpoint": "https://127.0.0.1:8006/",
      "pve:token": "certifier@pve!lab=5f0c8d7e-0000-4000-8000-000000000000",
      "pve:fingerprint": Array(32).fill("AB").join(":"),
    },
    opened: ({ type, props }) =>
      type.endsWith(":RulesLegacy") ? { ...props, rules: [{ action: "ACCEPT", dport: "20:25" }] } : undefined,
    leaking: ({ type, props, name }, secret) =>
      type.endsWith(":VmLegacy") && name !== "template"
        ? { ...props, initialization: { ...z.object({}).parse(props.initialization), note: secret } }
        : undefined,
  },
};

const tracked = z.object({ config: z.record(z.string(), z.unknown()) });

/** The lab's stack config, with fresh keys. */
function configOf(name: string, { overlay }: Sample): Props {
  const file = new URL(`../../stacks/Pulumi.lab-${name}.yaml`, import.meta.url);
  const { config } = tracked.parse(load(readFileSync(file, "utf8")));
  const guests = Object.keys(z.record(z.string(), z.unknown()).parse(config[`${name}:guests`]));
  const hostKeys = Object.fromEntries(guests.map((guest) => [guest, generateHostKey().privateKey]));
  const sshKey = generateHostKey().privateKey;
  const cloud = name === "pve" ? {} : { [`${name}:hostKeys`]: hostKeys };
  return { ...config, "substrate:sshKey": sshKey, ...cloud, ...overlay };
}

/** Everything that the rules find, by resource and rule. */
function violations(
  resources: readonly Declaring[],
  stack: Stack,
): Readonly<Record<string, readonly string[]>> {
  const found = resources.flatMap((resource) =>
    rules.map((rule) => [`${resource.name} ${rule.name}`, rule.violations(resource, stack)] as const),
  );
  return Object.fromEntries(found.filter(([, lines]) => lines.length > 0));
}

describe.each(substrateNames)("the policies on %s", (name) => {
  const sample = samples[name];
  if (sample === undefined) throw new TypeError(`no sample for ${name}`);
  const run = newRun(new Date(), "run-policy");
  let policy: SubstratePolicy;
  let resources: readonly Declaring[];
  beforeAll(async () => {
    const open = (await loadSubstrate(name)).open(configOf(name, sample), "the lab");
    policy = open.policy;
    resources = await declaredBy(() => open.declare(run));
  });

  /** Which rules bite on which of these. */
  const bitten = (altered: readonly Declaring[], own: Partial<SubstratePolicy> = {}) =>
    Object.keys(violations(altered, stackWith({ ...policy, ...own })));
  /** Each resource that this alters, altered. */
  const altered = (alter: (resource: Declaring) => Props | undefined) =>
    resources.flatMap((resource) => {
      const props = alter(resource);
      return props === undefined ? [] : [{ ...resource, props }];
    });
  const allBy = (some: readonly Declaring[], rule: string) => some.map((one) => `${one.name} ${rule}`);

  it("let the lab's own declaration through", () => {
    expect(resources.length).toBeGreaterThan(8);
    expect(violations(resources, stackWith(policy))).toEqual({});
  });

  it("know exactly what is declared: one more of any type, or another type, is refused", () => {
    const counted = Map.groupBy(resources, ({ type }) => type);
    const exact = Object.entries(policy.counts).filter(([, count]) => count > 0);
    expect(exact.toSorted()).toEqual([...counted].map(([type, all]) => [type, all.length]).toSorted());
    for (const [type, [first]] of counted) {
      if (first === undefined) continue;
      const more = { ...first, name: "one-more" };
      expect(bitten([...resources, more]), type).toContain("one-more declared-types");
    }
    const other = { type: "random:index:RandomPet", name: "pet", props: {}, protect: false };
    expect(bitten([other])).toContain("pet declared-types");
  });

  it("refuse everything that takes tags without its run's ID or expiry", () => {
    const tagged = resources.filter((one) => policy.factsOf(one).tags !== undefined);
    expect(tagged.length).toBeGreaterThan(4);
    for (const word of [run.id, run.expiresAt]) {
      const blanked = tagged.map((one) => ({
        ...one,
        props: z
          .record(z.string(), z.unknown())
          .parse(JSON.parse(JSON.stringify(one.props).replaceAll(word, ""))),
      }));
      expect(bitten(blanked)).toEqual(allBy(tagged, "run-tags"));
    }
  });

  it("refuse SSH from anywhere", () => {
    const open = altered(sample.opened);
    expect(open.length).toBeGreaterThan(0);
    expect(bitten(open)).toEqual(allBy(open, "management-ports"));
  });

  it("refuse a total over the ceiling, a size that is not in it, and to go without one", () => {
    const ceiling = policy.ceiling ?? { totals: {} };
    for (const key of Object.keys(ceiling.totals)) {
      const nothing = { ...ceiling, totals: { ...ceiling.totals, [key]: 0 } };
      expect(bitten(resources, { ceiling: nothing }).length, key).toBeGreaterThan(0);
    }
    if (ceiling.shapes !== undefined)
      expect(bitten(resources, { ceiling: { ...ceiling, shapes: ["other"] } }).length).toBeGreaterThan(0);
    const dear = resources.filter((one) => policy.factsOf(one).costs !== undefined);
    expect(bitten(resources, { ceiling: undefined })).toEqual(allBy(dear, "cost-ceiling"));
  });

  it("refuse a secret in user data, the stack's own and others'", () => {
    const [own] = policy.secrets;
    for (const secret of [own?.reveal() ?? "", generateHostKey().privateKey, "password: hunter2"]) {
      const told = altered((resource) => sample.leaking(resource, secret));
      expect(told.length).toBeGreaterThan(0);
      expect(bitten(told)).toEqual(allBy(told, "user-data-secrets"));
    }
  });

  it("refuse a foundation that is not protected", () => {
    const foundations = resources.filter((one) => policy.factsOf(one).foundation === true);
    expect(foundations.length).toBeGreaterThan(0);
    const bare = foundations.map((one) => ({ ...one, protect: false }));
    expect(bitten(bare)).toEqual(allBy(bare, "protected-foundations"));
  });
});
