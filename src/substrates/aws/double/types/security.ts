// `aws:ec2/securityGroup:SecurityGroup` with its rules inline, and `…/keyPair:KeyPair`.
import { createHash } from "node:crypto";
import type { KeyPairState } from "@pulumi/aws/ec2/keyPair.js";
import type { SecurityGroupState } from "@pulumi/aws/ec2/securityGroup.js";
import { z } from "zod";
import { type Kind, type Plain, resourceOf } from "../../../bridged/resource.ts";
import type { Properties } from "../../../double.ts";
import { arnOf, newId } from "../account.ts";
import { ApiError, notFound } from "../errors.ts";
import type { Account, Rule } from "../state.ts";
import { owned, present, tagged, tags } from "./common.ts";

const rule = z.strictObject({
  description: z.string().default(""),
  protocol: z.string(),
  fromPort: z.number(),
  toPort: z.number(),
  cidrBlocks: z.array(z.string()).default([]),
  ipv6CidrBlocks: z.array(z.string()).max(0).default([]),
  prefixListIds: z.array(z.string()).max(0).default([]),
  securityGroups: z.array(z.string()).default([]),
  self: z.boolean().default(false),
});
type RuleBlock = z.output<typeof rule>;

const groupInputs = z.object({
  name: z.string(),
  description: z.string().default("Managed by Pulumi"),
  vpcId: z.string(),
  ingress: z.array(rule).optional(),
  egress: z.array(rule).optional(),
  revokeRulesOnDelete: z.boolean().default(false),
  tags,
});

const groupKind: Kind<Account, typeof groupInputs> = {
  inputs: groupInputs,
  defaults: { description: "Managed by Pulumi", revokeRulesOnDelete: false },
  computed: ["ingress", "egress"],
  replaces: ["name", "description", "vpcId"],
  sets: ["ingress", "egress"],
  given: ["arn"],
  canonical: ({ ingress, egress, ...rest }) => ({ ...rest, ...blocks({ ingress, egress }) }),
  create(account, { name, description, vpcId, ingress = [], egress = [], tags: own = {} }) {
    present(account.vpcs.get(vpcId), () => notFound("CreateSecurityGroup", "InvalidVpcID.NotFound", vpcId));
    if ([...account.groups.values()].some((other) => other.vpc === vpcId && other.name === name))
      throw new ApiError("CreateSecurityGroup", {
        code: "InvalidGroup.Duplicate",
        text: `The security group '${name}' already exists for VPC '${vpcId}'`,
      });
    const id = newId(account, "sg");
    const rules = rulesOf(account, id, { ingress, egress });
    account.groups.set(id, { id, name, description, vpc: vpcId, rules, tags: own });
    return id;
  },
  state(account, id): Plain<SecurityGroupState> | undefined {
    const group = account.groups.get(id);
    if (group === undefined) return undefined;
    return {
      arn: arnOf(account, "security-group", id),
      description: group.description,
      egress: blocksOf(
        id,
        group.rules.filter(({ out }) => out),
      ),
      ingress: blocksOf(
        id,
        group.rules.filter(({ out }) => !out),
      ),
      name: group.name,
      revokeRulesOnDelete: false,
      vpcId: group.vpc,
      ...owned(account),
      ...tagged(group.tags),
    };
  },
  update(account, id, { ingress = [], egress = [], tags: own = {} }) {
    const group = present(account.groups.get(id), () =>
      notFound("AuthorizeSecurityGroupIngress", "InvalidGroup.NotFound", id),
    );
    group.rules = rulesOf(account, id, { ingress, egress });
    group.tags = own;
  },
  remove(account, id) {
    const used = [...account.instances.values()].some(
      ({ groups, state }) => groups.includes(id) && state !== "terminated",
    );
    const text = `resource ${id} has a dependent object`;
    if (used) throw new ApiError("DeleteSecurityGroup", { code: "DependencyViolation", text });
    account.groups.delete(id);
  },
  operations: {
    ...{ create: "CreateSecurityGroup", read: "DescribeSecurityGroups" },
    ...{ update: "AuthorizeSecurityGroupIngress", remove: "DeleteSecurityGroup" },
  },
};

/** Blocks with everything that the provider fills in, far sides in order, so that equal ones are the same. */
function blocks(lists: Properties): Properties {
  const parsed = z.array(rule);
  return Object.fromEntries(
    Object.entries(lists).flatMap(([key, list]) => {
      const known = parsed.safeParse(list);
      return list === undefined ? [] : [[key, known.success ? inOrder(known.data) : list]];
    }),
  );
}

function inOrder(list: readonly RuleBlock[]): RuleBlock[] {
  const sorted = list.map((one) => ({ ...one, cidrBlocks: one.cidrBlocks.toSorted() }));
  return sorted.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** EC2 keeps one rule for each far side; ports of a rule for all protocols are not kept. */
function rulesOf(
  account: Account,
  group: string,
  { ingress, egress }: { ingress: readonly RuleBlock[]; egress: readonly RuleBlock[] },
): Rule[] {
  const known = account.groups.get(group)?.rules ?? [];
  const of = (list: readonly RuleBlock[], out: boolean) =>
    list.flatMap(({ description, protocol, fromPort, toPort, ...far }) => {
      const [from, to] = protocol === "-1" ? [-1, -1] : [fromPort, toPort];
      const groups = [...far.securityGroups, ...(far.self ? [group] : [])];
      const sides = [...far.cidrBlocks.map((cidr) => ({ cidr })), ...groups.map((id) => ({ group: id }))];
      return sides.map((side) => ({ out, description, protocol, from, to, far: side }));
    });
  return [...of(ingress, false), ...of(egress, true)].map((wanted) => {
    const same = known.find(({ id: _, ...other }) => JSON.stringify(other) === JSON.stringify(wanted));
    return same ?? { id: newId(account, "sgr"), ...wanted };
  });
}

/** As the provider reads them: far sides with the same protocol, ports and words are one block. */
function blocksOf(group: string, rules: readonly Rule[]): RuleBlock[] {
  const same = Map.groupBy(rules, ({ protocol, from, to, description }) =>
    JSON.stringify([protocol, from, to, description]),
  );
  const merged = [...same.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const ports = first.protocol === "-1" ? [0, 0] : [first.from, first.to];
    const others = members.flatMap(({ far }) => ("group" in far ? far.group : []));
    return [
      {
        description: first.description,
        protocol: first.protocol,
        fromPort: ports[0] ?? 0,
        toPort: ports[1] ?? 0,
        cidrBlocks: members.flatMap(({ far }) => ("cidr" in far ? far.cidr : [])),
        ipv6CidrBlocks: [],
        prefixListIds: [],
        securityGroups: others.filter((id) => id !== group),
        self: others.includes(group),
      },
    ];
  });
  return inOrder(merged);
}

const keyInputs = z.object({ keyName: z.string(), publicKey: z.string(), tags });

const keyKind: Kind<Account, typeof keyInputs> = {
  inputs: keyInputs,
  defaults: {},
  computed: [],
  replaces: ["keyName", "publicKey"],
  given: ["arn", "fingerprint", "keyPairId", "keyType"],
  create(account, { keyName, publicKey, tags: own = {} }) {
    if (account.keys.has(keyName))
      throw new ApiError("ImportKeyPair", {
        code: "InvalidKeyPair.Duplicate",
        text: `The keypair already exists`,
      });
    const createdAt = account.world.now();
    account.keys.set(keyName, { id: newId(account, "key"), name: keyName, publicKey, createdAt, tags: own });
    return keyName;
  },
  state(account, name, olds): Plain<KeyPairState> | undefined {
    const key = account.keys.get(name);
    if (key === undefined) return undefined;
    return {
      arn: arnOf(account, "key-pair", key.name),
      fingerprint: fingerprintOf(key.publicKey),
      keyName: key.name,
      keyPairId: key.id,
      keyType: "ed25519",
      // The provider never reads it back: its state says what was declared.
      publicKey: typeof olds.publicKey === "string" ? olds.publicKey : key.publicKey,
      region: account.region,
      ...tagged(key.tags),
    };
  },
  update(account, name, { publicKey, tags: own = {} }) {
    const key = present(account.keys.get(name), () =>
      notFound("CreateTags", "InvalidKeyPair.NotFound", name),
    );
    account.keys.set(name, { ...key, publicKey, tags: own });
  },
  remove: (account, name) => void account.keys.delete(name),
  operations: {
    ...{ create: "ImportKeyPair", read: "DescribeKeyPairs" },
    ...{ update: "CreateTags", remove: "DeleteKeyPair" },
  },
};

/** SHA-256 in base64, as EC2 shows it for ed25519. */
export function fingerprintOf(publicKey: string): string {
  const blob = Buffer.from(publicKey.split(" ")[1] ?? "", "base64");
  return createHash("sha256").update(blob).digest("base64");
}

/** The types of this file, as doubles. */
export const group = resourceOf(groupKind);
export const key = resourceOf(keyKind);
