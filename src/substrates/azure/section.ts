// The `azure:` section of stack config as it is written: what an Azure substrate is expected to be.
import { z } from "zod";
import { name } from "../../environment/name.ts";
import { secret } from "../../environment/secret.ts";
import { cidr, cloudKeys } from "../cloud/section.ts";

const uuid = z
  .string()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "an id such as 00001111-aaaa-2222-bbbb-3333cccc4444");

/** What `azure:` keys may be set. */
export const section = z.strictObject({
  ...cloudKeys,
  tenant: uuid,
  /** The subscription that everything must be in. */
  subscription: uuid,
  /** The object id of who may act. None: anybody who may use the subscription. */
  principal: uuid.optional(),
  /** Left out, the provider's own ways to find credentials apply: environment, `az login`, a managed identity. */
  clientId: uuid.optional(),
  clientSecret: secret.optional(),
  /** Where Azure Resource Manager is, for what the provider has no functions for. */
  endpoint: z.url({ protocol: /^https$/ }).default("https://management.azure.com"),
  /** PEM of the authority that vouches for it, where that is no public one. */
  ca: z.string().startsWith("-----BEGIN CERTIFICATE-----").optional(),
  location: z.string().regex(/^[a-z][a-z0-9]{2,29}$/, "a location such as westeurope"),
  /** The availability zone of guests and their public addresses. None: wherever Azure puts them. */
  zone: z.enum(["1", "2", "3"]).optional(),
  network: z.strictObject({
    cidr,
    subnet: cidr,
    /** The resource id of a virtual network that was there before us: imported, never replaced, never removed. */
    adopt: z
      .string()
      .regex(
        /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/[\w.()-]{1,90}\/providers\/Microsoft\.Network\/virtualNetworks\/[\w.-]{1,64}$/,
        "the resource id of a virtual network",
      )
      .optional(),
  }),
  image: z.strictObject({
    publisher: z.string().min(1),
    offer: z.string().min(1),
    sku: z.string().min(1),
    /** Pinned: `latest` moves. */
    version: z.string().regex(/^\d+\.\d+\.\d+$/, "a version such as 24.04.202510220"),
    /** Of the virtual hardware; it decides how a guest learns its id. */
    generation: z.enum(["V1", "V2"]),
    architecture: z.enum(["x64", "Arm64"]),
  }),
  /** The size of every guest. */
  shape: z.string().regex(/^(Standard|Basic)_\w{1,40}$/, "a size such as Standard_B2s"),
  /** GiB; images of Linux have 30. */
  disk: z.coerce.number().int().min(30).max(4095).default(30),
  diskType: z.enum(["Standard_LRS", "StandardSSD_LRS", "Premium_LRS"]).default("StandardSSD_LRS"),
  /** Whom the tag routerd-purpose says that this is for. */
  purpose: name.default(name.parse("release-certification")),
});

/** The `azure:` section as written. */
export type AzureSection = z.infer<typeof section>;
