// The `aws:` section of stack config as it is written: what an AWS substrate is expected to be.
import { z } from "zod";
import { name } from "../../environment/name.ts";
import { secret } from "../../environment/secret.ts";
import { cidr, cloudKeys } from "../cloud/section.ts";

/** Whether it counts against "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances" (AWS, EC2 on-demand quotas). */
export function isStandard(instanceType: string): boolean {
  return /^([acdhimrtz]|im|is)\d/.test(instanceType);
}

/** What `aws:` keys may be set. */
export const section = z.strictObject({
  ...cloudKeys,
  /** The account that everything must be in. */
  account: z.string().regex(/^\d{12}$/, "an account of 12 digits"),
  /** What the caller must be: its ARN begins with this. None: anybody in the account. */
  caller: z.string().startsWith("arn:").optional(),
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "a region such as eu-central-1"),
  /** Names of zones are each account's own, so the id says which one is meant. */
  zone: z.strictObject({
    name: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, "a zone such as eu-central-1a"),
    id: z.string().regex(/^[a-z0-9]+-az\d$/, "a zone id such as euc1-az2"),
  }),
  /** Left out, the provider's own ways to find credentials apply: environment, shared files, roles. */
  accessKey: z.string().min(16).optional(),
  secretKey: secret.optional(),
  network: z.strictObject({
    cidr,
    subnet: cidr,
    /** The id of a VPC that was there before us, and of its internet gateway: imported, never replaced, never removed. */
    adopt: z
      .strictObject({
        vpc: z.string().startsWith("vpc-"),
        gateway: z.string().startsWith("igw-"),
      })
      .optional(),
  }),
  image: z.strictObject({
    id: z.string().regex(/^ami-[0-9a-f]{17}$/, "an image such as ami-0123456789abcdef0"),
    name: z.string().min(1),
    owner: z.string().regex(/^\d{12}$/, "an account of 12 digits"),
    architecture: z.enum(["x86_64", "arm64"]),
  }),
  /** The instance type of every guest; other families count against quotas of their own. */
  shape: z
    .string()
    .regex(/^[a-z0-9-]+\.[a-z0-9-]+$/, "an instance type such as t3.small")
    .refine(isStandard, "an instance type of a standard family (A, C, D, H, I, M, R, T, Z)"),
  /** GiB */
  disk: z.coerce.number().int().min(8).default(8),
  /** Whom the tag routerd-purpose says that this is for. */
  purpose: name.default(name.parse("release-certification")),
});

/** The `aws:` section as written. */
export type AwsSection = z.infer<typeof section>;
