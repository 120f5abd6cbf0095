// Declares the PVE substrate: bridges, the image, the template made from it, and guests cloned from that.
import { File } from "@muhlba91/pulumi-proxmoxve/download/file.js";
import { OptionsLegacy } from "@muhlba91/pulumi-proxmoxve/firewall/optionsLegacy.js";
import { RulesLegacy } from "@muhlba91/pulumi-proxmoxve/firewall/rulesLegacy.js";
import { Bridge } from "@muhlba91/pulumi-proxmoxve/network/linux/bridge.js";
import { PoolLegacy } from "@muhlba91/pulumi-proxmoxve/poolLegacy.js";
import { Provider } from "@muhlba91/pulumi-proxmoxve/provider.js";
import type { VmLegacyArgs } from "@muhlba91/pulumi-proxmoxve/vmLegacy.js";
import { VmLegacy } from "@muhlba91/pulumi-proxmoxve/vmLegacy.js";
import * as pulumi from "@pulumi/pulumi";
import type { Name } from "../../environment/name.ts";
import type { Run } from "../../environment/run.ts";
import { publicKeyOf } from "../../probes/key.ts";
import type { Declared } from "../substrate.ts";
import { adoption, poolContents, templateContents } from "./adoption.ts";
import type { PveConfig } from "./config.ts";
import type { Bridge as BridgeSpec, Guest } from "./topology.ts";

/** Declares everything that the config expects, tagged with the run. Only inside an engine program. */
export function declarePve(config: PveConfig, run: Run): Declared {
  const provider = new Provider("pve", {
    endpoint: config.endpoint,
    apiToken: pulumi.secret(config.token.reveal()),
  });
  const bridges = new Map(config.bridges.map((spec) => [spec.name, declareBridge(spec, provider)]));
  const common = { provider, tags: tagsOf(run), pool: declarePool(config, provider) };
  const template = declareTemplate(config, common);
  for (const guest of config.guests) declareGuest(config, guest, { ...common, template, bridges });
  return { invoke: (token, args) => pulumi.runtime.invoke(token, { ...args }, { provider }) };
}

type Tags = Pick<VmLegacyArgs, "tags" | "description">;

/** Where a guest's VM carries its run: PVE tags allow no `=`, so the expiry stands in the description. */
function tagsOf(run: Run): Tags {
  return { tags: ["routerd", run.id], description: `run=${run.id}; expires=${run.expiresAt}` };
}

function declareBridge(spec: BridgeSpec, provider: Provider): Bridge {
  return new Bridge(
    spec.name,
    {
      nodeName: spec.node,
      name: spec.iface,
      ports: spec.ports,
      vlanAware: true,
      vids: spec.vids,
      mtu: spec.mtu,
      autostart: true,
      comment: spec.comment,
    },
    // A bridge carries others' traffic too: a repair may change it, but never take it away.
    { provider, protect: true, ...adoption(spec.adopt) },
  );
}

function declarePool({ pool }: PveConfig, provider: Provider): PoolLegacy | undefined {
  if (pool === undefined) return undefined;
  const comment = pool.adopt === undefined ? { comment: pool.comment } : {};
  // Others' rights may be given on it: nothing takes it away unasked.
  const options = { provider, protect: true, ...adoption(pool.adopt, poolContents) };
  return new PoolLegacy("pool", { poolId: pool.id, ...comment }, options);
}

type Image = NonNullable<PveConfig["image"]>;

function declareImage(image: Image, provider: Provider): File {
  return new File(
    "image",
    {
      nodeName: image.node,
      datastoreId: image.datastore,
      contentType: "import",
      fileName: image.file,
      url: image.url,
      checksum: image.sha256,
      checksumAlgorithm: "sha256",
      // With `true` a changed size upstream replaces the file by a download that PVE then refuses.
      overwrite: false,
    },
    { provider },
  );
}

type Common = {
  readonly provider: Provider;
  readonly tags: Tags;
  readonly pool: PoolLegacy | undefined;
};

function membership({ pool }: Common): Pick<VmLegacyArgs, "poolId"> {
  return pool === undefined ? {} : { poolId: pool.poolId };
}

/** Blocks that the provider resets to its own defaults where they are left out. */
function hardware(size: { readonly cores: number; readonly memory: number }): Partial<VmLegacyArgs> {
  return {
    onBoot: false,
    bios: "seabios",
    cpu: { cores: size.cores, type: "x86-64-v2-AES" },
    memory: { dedicated: size.memory },
    operatingSystem: { type: "l26" },
    scsiHardware: "virtio-scsi-single",
    serialDevices: [{}],
    cdrom: { fileId: "none" },
    // Without this a refresh waits 15 minutes for a dead agent.
    agent: { enabled: true, waitForIp: { disabled: true } },
  };
}

/** The config has an image just where the template is not adopted. */
function declareTemplate(config: PveConfig, common: Common): VmLegacy {
  const { template, image } = config;
  if (image !== undefined) return makeTemplate(config, image, common);
  return new VmLegacy(
    "template",
    { nodeName: template.node, vmId: template.vmId },
    { provider: common.provider, ...adoption(template.adopt, templateContents) },
  );
}

function makeTemplate({ template, datastore }: PveConfig, image: Image, common: Common): VmLegacy {
  const { provider } = common;
  return new VmLegacy(
    "template",
    {
      ...hardware(template),
      ...common.tags,
      ...membership(common),
      nodeName: template.node,
      vmId: template.vmId,
      name: "routerd-template",
      template: true,
      started: false,
      networkDevices: template.iface === undefined ? [] : [{ bridge: template.iface }],
      disks: [
        {
          interface: "scsi0",
          datastoreId: datastore,
          importFrom: declareImage(image, provider).id,
          size: template.disk,
          iothread: true,
          discard: "on",
        },
      ],
    },
    // The provider fills in a speed block that PVE never gives back.
    { provider, ignoreChanges: ["disks[0].speed"] },
  );
}

type GuestParts = Common & { readonly template: VmLegacy; readonly bridges: ReadonlyMap<Name, Bridge> };

function declareGuest(config: PveConfig, guest: Guest, parts: GuestParts): void {
  const { provider, tags, template, bridges } = parts;
  const uplinks = guest.nics.flatMap((nic) => bridges.get(nic.bridge.name) ?? []);
  const vm = new VmLegacy(
    guest.name,
    {
      ...hardware(guest),
      ...tags,
      ...membership(parts),
      nodeName: guest.node,
      vmId: guest.vmId,
      name: guest.name,
      started: true,
      clone: { vmId: template.vmId, nodeName: config.template.node, full: true },
      // Inherited from the template; left out, the provider would ask for its own 8 GB default.
      disks: [],
      networkDevices: guest.nics.map((nic) => ({
        bridge: nic.bridge.iface,
        vlanId: nic.vlan,
        firewall: nic.firewall,
      })),
      initialization: seedOf(config, guest),
    },
    // Its number is taken as long as it is there.
    { provider, dependsOn: uplinks, deleteBeforeReplace: true },
  );
  declareFirewall(config, guest, { provider, vm });
}

function seedOf(config: PveConfig, guest: Guest): NonNullable<VmLegacyArgs["initialization"]> {
  return {
    datastoreId: config.datastore,
    type: "nocloud",
    interface: "ide2",
    userAccount: { username: config.user, keys: [publicKeyOf(config.common.sshKey)] },
    ipConfigs: guest.nics.map((nic) => ({
      ipv4: { address: nic.address, ...(nic.gateway === undefined ? {} : { gateway: nic.gateway }) },
    })),
    dns: { domain: config.domain, servers: config.nameservers },
  };
}

function declareFirewall(config: PveConfig, guest: Guest, parts: { provider: Provider; vm: VmLegacy }): void {
  const { provider, vm } = parts;
  const where = { nodeName: guest.node, vmId: vm.vmId };
  new OptionsLegacy(
    `${guest.name}-firewall`,
    {
      ...where,
      enabled: true,
      inputPolicy: config.firewall.input,
      outputPolicy: "ACCEPT",
      dhcp: true,
      macfilter: true,
    },
    // PVE drops the options with the VM and the provider does not notice: a new VM has new MAC addresses.
    {
      provider,
      replaceWith: [vm],
      deleteBeforeReplace: true,
      replacementTrigger: vm.networkDevices.apply((nics) => nics?.map(({ macAddress }) => macAddress)),
    },
  );
  new RulesLegacy(
    `${guest.name}-rules`,
    { ...where, rules: config.firewall.rules.map((rule) => ({ type: "in", ...definedOf(rule) })) },
    { provider, replaceWith: [vm], deleteBeforeReplace: true },
  );
}

function definedOf(rule: PveConfig["firewall"]["rules"][number]) {
  const { dport, source, ...always } = rule;
  return {
    ...always,
    enabled: true,
    ...(dport === undefined ? {} : { dport }),
    ...(source === undefined ? {} : { source }),
  };
}
