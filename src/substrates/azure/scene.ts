// What Azure checks share: the functions of its provider, its resource manager, and the things of the stack.
import { z } from "zod";
import type { Power } from "../../check/chorus.ts";
import { CloudScene } from "../cloud/scene.ts";
import type { CloudGuest } from "../cloud/topology.ts";
import type { Seen } from "../seen.ts";
import type { Sight } from "../substrate.ts";
import { Arm } from "./arm.ts";
import type { AzureConfig } from "./config.ts";
import { diagnose } from "./errors.ts";
import { addressNameOf, groupOf, nicNameOf, titleOf } from "./names.ts";

const reference = z.object({ id: z.string() });

/** `azure-native:compute:getVirtualMachine`, as far as it is judged; with the view of the running instance. */
const machine = z.object({
  id: z.string(),
  vmId: z.string(),
  provisioningState: z.string(),
  hardwareProfile: z.object({ vmSize: z.string() }),
  storageProfile: z.object({
    imageReference: z.object({
      publisher: z.string(),
      offer: z.string(),
      sku: z.string(),
      exactVersion: z.string(),
    }),
    osDisk: z.object({ managedDisk: reference.optional() }),
  }),
  osProfile: z.object({
    computerName: z.string(),
    adminUsername: z.string(),
    linuxConfiguration: z.object({
      disablePasswordAuthentication: z.boolean(),
      ssh: z.object({ publicKeys: z.array(z.object({ keyData: z.string() })) }),
    }),
  }),
  networkProfile: z.object({ networkInterfaces: z.array(reference) }),
  identity: z.unknown().optional(),
  zones: z.array(z.string()).optional(),
  instanceView: z.object({
    statuses: z.array(z.object({ code: z.string(), time: z.string().optional() })),
    vmAgent: z.object({ statuses: z.array(z.object({ code: z.string() })) }).optional(),
  }),
});

/** `azure-native:network:getNetworkInterface`, as far as it is judged. */
const nic = z.object({
  id: z.string(),
  provisioningState: z.string(),
  enableIPForwarding: z.boolean(),
  networkSecurityGroup: z.unknown().optional(),
  ipConfigurations: z.array(
    z.object({
      id: z.string(),
      privateIPAddress: z.string(),
      publicIPAddress: reference.optional(),
      subnet: reference,
    }),
  ),
  virtualMachine: reference.optional(),
});

/** `azure-native:network:getPublicIPAddress`, as far as it is judged. */
const address = z.object({
  id: z.string(),
  ipAddress: z.ipv4().optional(),
  publicIPAllocationMethod: z.string(),
  provisioningState: z.string(),
  sku: z.object({ name: z.string() }),
  ipConfiguration: reference.optional(),
});

/** A guest's virtual machine, interface and public address as Azure tells of them. */
export type MachineSeen = z.infer<typeof machine>;
export type NicSeen = z.infer<typeof nic>;

/** Whether it runs, and since when: it was last provisioned then, which starting it does too. */
export function powerOf({ instanceView: { statuses } }: MachineSeen): Power {
  const running = statuses.some(({ code }) => code === "PowerState/running");
  const starting = statuses.some(({ code }) => code === "PowerState/starting");
  const time = statuses.find(({ code }) => code.startsWith("ProvisioningState/"))?.time;
  return { running, starting, ...(time !== undefined && { uptime: Date.now() - Date.parse(time) }) };
}

/** What every Azure check needs. */
export class Scene extends CloudScene<AzureConfig> {
  readonly arm: Arm;

  constructor(config: AzureConfig, sight: Sight, seen: Seen) {
    super(config, { sight, seen }, diagnose);
    this.arm = new Arm({ ...config, token: (signal) => this.#token(signal) });
  }

  /** The path of the expected subscription. */
  get subscription(): string {
    return `/subscriptions/${this.config.subscription}`;
  }

  /** A guest's virtual machine; none where Azure has said twice that it has none. Throws `Unreadable`. */
  async machine({ name }: CloudGuest, signal: AbortSignal): Promise<MachineSeen | undefined> {
    this.idOf(name);
    const args = { ...this.named("vmName", name), expand: "instanceView" };
    return this.functions.find(
      { token: "azure-native:compute:getVirtualMachine", args, model: machine },
      signal,
    );
  }

  /** A guest's network interface; none where it is gone. Throws `Unreadable`. */
  async nic(guest: CloudGuest, signal: AbortSignal): Promise<NicSeen | undefined> {
    this.idOf(nicNameOf(guest));
    const args = this.named("networkInterfaceName", nicNameOf(guest));
    return this.functions.find(
      { token: "azure-native:network:getNetworkInterface", args, model: nic },
      signal,
    );
  }

  /** A guest's public address; none where it is gone. Throws `Unreadable`. */
  async address(guest: CloudGuest, signal: AbortSignal) {
    this.idOf(addressNameOf(guest));
    const args = this.named("publicIpAddressName", addressNameOf(guest));
    return this.functions.find(
      { token: "azure-native:network:getPublicIPAddress", args, model: address },
      signal,
    );
  }

  /** Arguments that name a thing of ours. */
  named(key: string, logicalName: string): Readonly<Record<string, string>> {
    return { resourceGroupName: groupOf(this.config), [key]: titleOf(this.config, logicalName) };
  }

  /** By the provider's own credentials. */
  async #token(signal: AbortSignal): Promise<string> {
    const model = z.object({ token: z.string().min(1) });
    const question = { token: "azure-native:authorization:getClientToken", args: {}, model };
    return (await this.functions.ask(question, signal)).token;
  }
}
