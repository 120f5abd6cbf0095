// A new account: what was there before us, and how its ids come about.
import type { World } from "../../../world/world.ts";
import type { Account } from "./state.ts";

/** The account that AWS's documentation has for example. */
const accountId = "123456789012";

/** An account with nothing of its own in it. Images, quotas and types are what its region offers to everybody. */
export function newAccount(world: World): Account {
  const shapes = ["t3.micro", "t3.small", "t3.medium"];
  return {
    world,
    id: accountId,
    region: "eu-central-1",
    zones: [
      { name: "eu-central-1a", id: "euc1-az2", shapes, state: "available" },
      { name: "eu-central-1b", id: "euc1-az3", shapes, state: "available" },
      { name: "eu-central-1c", id: "euc1-az1", shapes: ["t3.micro"], state: "available" },
    ],
    images: [
      {
        id: "ami-0123456789abcdef0",
        name: "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20251022",
        owner: "099720109477",
        architecture: "x86_64",
        createdAt: "2025-10-22T09:11:51.000Z",
        state: "available",
      },
    ],
    shapes: shapes.map((name) => ({ name, vcpus: 2, architectures: ["x86_64"] })),
    quotas: [
      quota("ec2", "L-1216C47A", {
        name: "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances",
        value: 32,
        byDefault: 5,
      }),
      quota("ec2", "L-0263D0A3", { name: "EC2-VPC Elastic IPs", value: 10, byDefault: 5 }),
      quota("vpc", "L-F678F1CE", { name: "VPCs per Region", value: 5, byDefault: 5 }),
      quota("vpc", "L-A4707A72", { name: "Internet gateways per Region", value: 5, byDefault: 5 }),
      quota("vpc", "L-E79EC296", { name: "VPC security groups per Region", value: 2500, byDefault: 2500 }),
      quota("vpc", "L-DF5E4CA3", { name: "Network interfaces per Region", value: 5000, byDefault: 5000 }),
    ],
    vpcs: new Map(),
    subnets: new Map(),
    gateways: new Map(),
    tables: new Map(),
    associations: new Map(),
    groups: new Map(),
    keys: new Map(),
    volumes: new Map(),
    instances: new Map(),
    addresses: new Map(),
    issued: 0,
  };
}

function quota(service: string, code: string, rest: { name: string; value: number; byDefault: number }) {
  return { service, code, ...rest };
}

/** A new id in EC2's long format, from the neighbourhood of its documentation's examples: `i-1234567890abcdef0`. */
export function newId(account: Account, kind: string): string {
  const number = 0x1234567890abcdef0n + BigInt(account.issued);
  account.issued += 1;
  return `${kind}-${number.toString(16).padStart(17, "0")}`;
}

/** `arn:aws:ec2:<region>:<account>:<kind>/<id>` */
export function arnOf({ region, id: account }: Account, kind: string, id: string): string {
  return `arn:aws:ec2:${region}:${account}:${kind}/${id}`;
}
