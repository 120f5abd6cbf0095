// What AWS checks share: the functions of its provider, and the things of the stack found by their ids.
import { z } from "zod";
import { Unreadable } from "../../check/unreadable.ts";
import { CloudFunctions } from "../cloud/functions.ts";
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

/** What every AWS check needs. */
export class Scene {
  readonly config: AwsConfig;
  readonly seen: Seen;
  readonly run: Sight["run"];
  readonly functions: CloudFunctions;
  readonly #idOf: Sight["idOf"];

  constructor(config: AwsConfig, sight: Sight, seen: Seen) {
    this.config = config;
    this.seen = seen;
    this.run = sight.run;
    this.functions = new CloudFunctions(sight.invoke, diagnose);
    this.#idOf = sight.idOf;
  }

  /** The id of a declared thing. Throws `Unreadable` where the engine has never made it. */
  idOf(resource: string): string {
    const id = this.#idOf(resource);
    if (id === undefined || id === "") throw new Unreadable("no-expectation", `the stack has no ${resource}`);
    return id;
  }

  /** The same; none where the engine has never made it. */
  knownId(resource: string): string | undefined {
    return this.#idOf(resource);
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
