// The `oci:` section of stack config as it is written: what an OCI substrate is expected to be.
import { z } from "zod";
import { name } from "../../environment/name.ts";
import { secret } from "../../environment/secret.ts";
import { ceiling } from "../cloud/ceiling.ts";
import { cidr, cloudKeys } from "../cloud/section.ts";

const most = z.number().int().min(0);

/** An Oracle Cloud identifier of a kind: `ocid1.<kind>.oc1.<region>.<unique>` (OCI documentation, "Resource Identifiers"). */
function ocid(kind: string) {
  return z
    .string()
    .regex(
      new RegExp(`^ocid1\\.${kind}\\.oc\\d+\\.[a-z0-9-]*\\.[a-z0-9]+$`),
      `an OCID such as ocid1.${kind}.oc1..…`,
    );
}

/** What `oci:` keys may be set. */
export const section = z.strictObject({
  ...cloudKeys,
  /** The tenancy that the caller must be of. The namespace is the one thing that tells whose credentials these are. */
  tenancy: z.strictObject({ id: ocid("tenancy"), name: z.string().min(1), namespace: z.string().min(1) }),
  /** Where everything is made. */
  compartment: z.strictObject({
    id: z.union([ocid("compartment"), ocid("tenancy")]),
    name: z.string().min(1),
  }),
  region: z.string().regex(/^[a-z]{2,3}-[a-z]+-\d$/, "a region such as eu-frankfurt-1"),
  /** An availability domain; its prefix is the tenancy's own. */
  domain: z
    .string()
    .regex(/^[A-Za-z0-9]+:[A-Z0-9-]+-AD-\d$/, "an availability domain such as Uocm:EU-FRANKFURT-1-AD-1"),
  faultDomain: z.string().regex(/^FAULT-DOMAIN-\d$/, "a fault domain such as FAULT-DOMAIN-1"),
  /** Whose API key signs: user, fingerprint and private key (PEM). All left out, a profile of ~/.oci/config applies. */
  caller: ocid("user").optional(),
  fingerprint: z
    .string()
    .regex(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/, "a key's fingerprint such as 20:3b:…")
    .optional(),
  privateKey: secret.optional(),
  profile: z.string().min(1).default("DEFAULT"),
  /** Where resources are searched for, if not in the region itself, and the authority (PEM) that its certificate is of. */
  search: z
    .strictObject({ endpoint: z.url({ protocol: /^https$/ }), authority: z.string().optional() })
    .optional(),
  network: z.strictObject({
    cidr,
    subnet: cidr,
    /** The OCID of a VCN that was there before us, and of its internet gateway: imported, never replaced, never removed. */
    adopt: z.strictObject({ vcn: ocid("vcn"), gateway: ocid("internetgateway") }).optional(),
  }),
  image: z.strictObject({
    id: ocid("image"),
    name: z.string().min(1),
    system: z.string().min(1),
    version: z.string().min(1),
  }),
  /** The flexible shape of every guest, and how much of it. */
  shape: z.strictObject({
    name: z.string().regex(/^[A-Za-z0-9.]+\.Flex$/, "a flexible shape such as VM.Standard.E4.Flex"),
    ocpus: z.coerce.number().int().min(1),
    /** GB */
    memory: z.coerce.number().int().min(1),
  }),
  /** GB; no boot volume is smaller. */
  disk: z.coerce.number().int().min(50).default(50),
  /** Beside what every cloud's ceiling has, cores and GB of memory: a flexible shape alone says nothing of its size. */
  ceiling: ceiling.extend({ cores: most, memory: most }).optional(),
  /** Whom the tag RouterdPurpose says that this is for. */
  purpose: name.default(name.parse("release-certification")),
});

/** The `oci:` section as written. */
export type OciSection = z.infer<typeof section>;
