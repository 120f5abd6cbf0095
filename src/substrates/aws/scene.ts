// What AWS checks share: the functions of its provider, and the things of the stack found by their ids.
import { z } from "zod";
import { CloudScene } from "../cloud/scene.ts";
import type { CloudGuest } from "../cloud/topology.ts";
import type { Seen } from "../seen.ts";
import type { Sight } from "../substrate.ts";
import type { AwsConfig } from "./config.ts";
import { diagnose } from "./errors.ts";
import { addressNameOf } from "./names.ts";

/** `aws:ec2/getInstance:getInstance`, as far as it is judged. */
const instance = z.object({
  id: z.string(),
  ami: z.string(),
  instanceType: z.string(),
  instanceState: z.string(),
  launchTime: z.string(),
  networkInterfaceId: z.string(),
  privateIp: z.string(),
  subnetId: z.string(),
  sourceDestCheck: z.boolean(),
  vpcSecurityGroupIds: z.array(z.string()),
  metadataOptions: z.array(
    z.object({
      httpEndpoint: z.string(),
      httpTokens: z.string(),
      httpPutResponseHopLimit: z.number(),
      instanceMetadataTags: z.string(),
    }),
  ),
  userDataBase64: z.string(),
});

const address = z.object({
  id: z.string(),
  publicIp: z.ipv4(),
  instanceId: z.string(),
  networkInterfaceId: z.string(),
  associationId: z.string(),
});

/** A guest's instance as EC2 tells of it. */
export type InstanceSeen = z.infer<typeof instance>;

/** Whether it is just being switched on. */
export function isStarting(seen: InstanceSeen | undefined): boolean {
  return seen?.instanceState === "pending";
}

/** What every AWS check needs. */
export class Scene extends CloudScene<AwsConfig> {
  constructor(config: AwsConfig, sight: Sight, seen: Seen) {
    super(config, { sight, seen }, diagnose);
  }

  /** A guest's instance; none where EC2 has said twice that it has none. Throws `Unreadable`. */
  async instance({ name }: CloudGuest, signal: AbortSignal): Promise<InstanceSeen | undefined> {
    const args = { instanceId: this.idOf(name), getUserData: true };
    return this.functions.find({ token: "aws:ec2/getInstance:getInstance", args, model: instance }, signal);
  }

  /** A guest's public address; none where it has been released. Throws `Unreadable`. */
  async address(guest: CloudGuest, signal: AbortSignal) {
    const args = { id: this.idOf(addressNameOf(guest)) };
    return this.functions.find({ token: "aws:ec2/getElasticIp:getElasticIp", args, model: address }, signal);
  }
}
