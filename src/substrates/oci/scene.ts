// What OCI checks share: the functions of its provider, and the things of the stack found in its compartment's lists.
import { z } from "zod";
import { CloudScene } from "../cloud/scene.ts";
import type { CloudGuest } from "../cloud/topology.ts";
import type { Seen } from "../seen.ts";
import type { Sight } from "../substrate.ts";
import type { OciConfig } from "./config.ts";
import { diagnose } from "./errors.ts";
import { addressNameOf } from "./names.ts";

/** `oci:Core/getInstances:getInstances`, as far as it is judged. */
const instances = z.object({
  instances: z.array(
    z.object({
      id: z.string(),
      state: z.string(),
      availabilityDomain: z.string(),
      faultDomain: z.string(),
      shape: z.string(),
      shapeConfigs: z.array(z.object({ ocpus: z.number(), memoryInGbs: z.number() })),
      sourceDetails: z.array(z.object({ sourceType: z.string(), sourceId: z.string() })),
      metadata: z.record(z.string(), z.string()),
      instanceOptions: z.array(z.object({ areLegacyImdsEndpointsDisabled: z.boolean() })),
    }),
  ),
});

const attachments = z.object({
  vnicAttachments: z.array(z.object({ vnicId: z.string(), state: z.string() })),
});

const vnic = z.object({
  vnicId: z.string(),
  subnetId: z.string(),
  privateIpAddress: z.string(),
  publicIpAddress: z.string().default(""),
  skipSourceDestCheck: z.boolean(),
  nsgIds: z.array(z.string()),
  routeTableId: z.string().default(""),
});

const addresses = z.object({
  publicIps: z.array(
    z.object({
      id: z.string(),
      ipAddress: z.ipv4(),
      state: z.string(),
      lifetime: z.string(),
      assignedEntityId: z.string().default(""),
      privateIpId: z.string().default(""),
    }),
  ),
});

const privates = z.object({ privateIps: z.array(z.object({ id: z.string(), vnicId: z.string() })) });

/** A guest's instance as the compute service tells of it. */
export type InstanceSeen = z.infer<typeof instances>["instances"][number];
/** A network interface as the network service tells of it. */
export type VnicSeen = z.infer<typeof vnic>;

/** Whether it is just being switched on. */
export function isStarting(seen: InstanceSeen | undefined): boolean {
  return seen !== undefined && ["PROVISIONING", "STARTING"].includes(seen.state);
}

/** What every OCI check needs. */
export class Scene extends CloudScene<OciConfig> {
  constructor(config: OciConfig, sight: Sight, seen: Seen) {
    super(config, { sight, seen }, diagnose);
  }

  /**
   * Asks about the compartment: a list that is given whole shows what is not in it to be absent, where a question for one
   * thing is answered in the same way whether it is absent or not to be seen. Throws `Unreadable`.
   */
  list<M extends z.ZodType>(
    { token, args = {}, model }: { token: string; args?: Readonly<Record<string, string>>; model: M },
    signal: AbortSignal,
  ): Promise<z.infer<M>> {
    const compartmentId = this.config.compartment.id;
    return this.functions.ask({ token, args: { compartmentId, ...args }, model }, signal);
  }

  /** A guest's instance; none where there is none. One that is gone stays listed for hours. Throws `Unreadable`. */
  async instance({ name }: CloudGuest, signal: AbortSignal): Promise<InstanceSeen | undefined> {
    const id = this.idOf(name);
    const { instances: all } = await this.list(
      { token: "oci:Core/getInstances:getInstances", model: instances },
      signal,
    );
    return all.find((one) => one.id === id && !["TERMINATED", "TERMINATING"].includes(one.state));
  }

  /** All network interfaces of a guest's instance. Throws `Unreadable`. */
  async vnics({ name }: CloudGuest, signal: AbortSignal): Promise<readonly VnicSeen[]> {
    const token = "oci:Core/getVnicAttachments:getVnicAttachments";
    const args = { instanceId: this.idOf(name) };
    const { vnicAttachments } = await this.list({ token, args, model: attachments }, signal);
    const attached = vnicAttachments.filter(({ state }) => state === "ATTACHED");
    return Promise.all(
      attached.map(({ vnicId }) =>
        this.functions.ask({ token: "oci:Core/getVnic:getVnic", args: { vnicId }, model: vnic }, signal),
      ),
    );
  }

  /** A guest's public address; none where it has been released. Throws `Unreadable`. */
  async address(guest: CloudGuest, signal: AbortSignal) {
    const id = this.idOf(addressNameOf(guest));
    const args = { scope: "REGION" };
    const token = "oci:Core/getPublicIps:getPublicIps";
    const { publicIps } = await this.list({ token, args, model: addresses }, signal);
    return publicIps.find((one) => one.id === id && !["TERMINATING", "TERMINATED"].includes(one.state));
  }

  /** The interface that a private address, by its id, is on; none where it is on none. Throws `Unreadable`. */
  async vnicOf(
    privateIpId: string,
    { address }: CloudGuest,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const token = "oci:Core/getPrivateIps:getPrivateIps";
    const args = { subnetId: this.idOf("subnet"), ipAddress: address };
    const { privateIps } = await this.functions.ask({ token, args, model: privates }, signal);
    return privateIps.find(({ id }) => id === privateIpId)?.vnicId;
  }
}
