// The template and the VMs made from it: what their configuration says, and whether their agents answer.
import type { Check } from "../../../check/check.ts";
import { type Chorus, Patience, type Power } from "../../../check/chorus.ts";
import { fail, list, type Outcome, pass, say } from "../../../check/outcome.ts";
import { poll } from "../../../check/poll.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import type { Seen } from "../../seen.ts";
import { type Api, PveError } from "../api.ts";
import type { PveConfig } from "../config.ts";
import { surplusDrives, surplusPorts } from "../deviation.ts";
import { agentInfo, anything, type VmConfig, vmConfig, vmStatus, volumes } from "../models.ts";
import type { Guest } from "../topology.ts";
import { lookTwice } from "./absence.ts";
import { gate } from "./gates.ts";

/** pve.template, and for each guest pve.qga.enabled, pve.qga.responsive and pve.ci.attached. */
export function machineChecks(
  config: PveConfig,
  api: Api,
  parts: { readonly agents: Chorus; readonly seen: Seen },
): readonly Check[] {
  return [
    templateCheck(config, api, parts.seen),
    ...config.guests.flatMap((guest) => guestChecks(config, guest, { api, ...parts })),
  ];
}

function templateCheck(config: PveConfig, api: Api, seen: Seen): Check {
  const { template } = config;
  return {
    id: "pve.template",
    after: [gate],
    deadline: 15_000,
    observe: async (signal) => {
      const found = await configOf(api, template, signal);
      if (found === undefined) return fail(say`the template does not exist`);
      const { name, scsi0, smbios1, template: flag } = found;
      seen.note("template", { name, scsi0, smbios1, template: flag });
      return judgeTemplate(config, found);
    },
  };
}

/**
 * By settings, not by the config's digest: that changes with every run's tag. What is on the disk PVE does not tell; its
 * volume and size, and the UUID that a template made anew would not have, are noted as seen.
 */
function judgeTemplate({ template, datastore }: PveConfig, found: VmConfig): Outcome {
  if (template.adopt !== undefined) return judgeAdopted(template, found);
  const wrong = [
    String(found.template) === "1" ? [] : say`being a template`,
    found.name === "routerd-template" ? [] : say`name`,
    String(found.scsi0).startsWith(`${datastore}:base-${template.vmId}-`) ? [] : say`disk`,
    String(found.scsi0).split(",").includes(`size=${template.disk}G`) ? [] : say`disk size`,
    found.scsihw === "virtio-scsi-single" && found.ostype === "l26" ? [] : say`hardware`,
    agentEnabled(found) ? [] : say`agent`,
    Number(found.cores) === template.cores ? [] : say`cores`,
    Number(found.memory) === template.memory ? [] : say`memory`,
    surplusPorts(found).length === 0 ? [] : say`serial ports`,
    surplusDrives(found).length === 0 ? [] : say`drives`,
  ].flat();
  return wrong.length === 0
    ? pass(say`the template has the expected name, disk, agent and size`)
    : fail(say`the template differs in ${list(wrong)}`);
}

/** Only what guests take over from it and are not told otherwise: its disk, with nothing beside it, and its firmware. */
function judgeAdopted({ vmId, disk }: PveConfig["template"], found: VmConfig): Outcome {
  const isBase = new RegExp(`^[^:]+:(.*/)?base-${vmId}-[^,]*(,|$)`);
  const others = Object.entries(found).filter(
    ([key, drive]) => /^(ide|sata|scsi|virtio|efidisk|tpmstate)\d+$/.test(key) && isBase.test(String(drive)),
  );
  const wrong = [
    String(found.template) === "1" ? [] : say`being a template`,
    isBase.test(String(found.scsi0)) ? [] : say`disk`,
    String(found.scsi0).split(",").includes(`size=${disk}G`) ? [] : say`disk size`,
    others.length <= 1 ? [] : say`having no other disk`,
    (found.bios ?? "seabios") === "seabios" ? [] : say`firmware`,
  ].flat();
  return wrong.length === 0
    ? pass(say`the adopted template has the disk that guests are made from`)
    : fail(say`the adopted template differs in ${list(wrong)}`);
}

type GuestParts = { readonly api: Api; readonly agents: Chorus };

function guestChecks(config: PveConfig, guest: Guest, { api, agents }: GuestParts): readonly Check[] {
  const about = { target: guest.name, deadline: 15_000 };
  return [
    {
      ...about,
      id: "pve.qga.enabled",
      after: [gate],
      observe: async (signal) => {
        const found = await configOf(api, guest, signal);
        if (found === undefined) return fail(say`${guest.name} does not exist`);
        return agentEnabled(found)
          ? pass(say`${guest.name} has its agent enabled`)
          : fail(say`${guest.name} has its agent disabled`);
      },
    },
    {
      ...about,
      id: "pve.qga.responsive",
      after: [gate],
      deadline: config.common.bootDeadline + 30_000,
      observe: (signal) => {
        const { bootDeadline, connectTimeout } = config.common;
        return checkAgent(
          guest,
          { api, agents, patience: new Patience(bootDeadline), connectTimeout },
          signal,
        );
      },
    },
    {
      ...about,
      id: "pve.ci.attached",
      after: [gate],
      observe: (signal) => checkDrive(config, guest, { api, signal }),
    },
  ];
}

/** What makes an agent useful: without these the host key can not be learned. Running commands is pve.qga.exec's matter. */
const commands = ["guest-file-open", "guest-file-read"];

/** `connectTimeout` in ms, for a single answer. */
type AgentParts = GuestParts & { readonly patience: Patience; readonly connectTimeout: number };

async function checkAgent(guest: Guest, parts: AgentParts, signal: AbortSignal): Promise<Outcome> {
  try {
    const { value } = await poll(() => askAgent(guest, parts, signal), { first: 250, most: 5_000 }, signal);
    return value;
  } finally {
    parts.agents.report(guest.name);
  }
}

/** None while the guest may still be booting. */
async function askAgent(guest: Guest, parts: AgentParts, signal: AbortSignal): Promise<Outcome | undefined> {
  const { api, agents, patience, connectTimeout } = parts;
  const began = performance.now();
  const ping = () => {
    const timely = AbortSignal.any([signal, AbortSignal.timeout(connectTimeout)]);
    return api.ask(`${pathOf(guest)}/agent/ping`, anything, timely);
  };
  try {
    await ping();
  } catch (error) {
    if (!isHung(error, signal) && (!(error instanceof PveError) || error.status !== 500)) throw error;
    if (isGone(error) && (await configOf(api, guest, signal)) === undefined)
      return fail(say`${guest.name} does not exist`);
    if (error instanceof PveError && /No QEMU guest agent configured/i.test(error.words))
      return fail(say`${guest.name} has no agent configured`);
    if (error instanceof PveError && !isSilence(error)) throw error;
    const power = await powerOf(api, guest, signal);
    const booting = patience.mayBeBooting(power, performance.now() - began);
    return booting ? undefined : agents.judge(guest.name, power);
  }
  agents.report(guest.name, ping);
  const { result } = await api.get(`${pathOf(guest)}/agent/info`, agentInfo, signal);
  const usable = (command: string) =>
    result.supported_commands.some(({ name, enabled }) => name === command && enabled);
  return commands.every(usable)
    ? pass(say`the agent of ${guest.name} answers`)
    : fail(say`the agent of ${guest.name} answers, but may not read files`);
}

type Asking = { readonly api: Api; readonly signal: AbortSignal };

async function checkDrive(config: PveConfig, guest: Guest, { api, signal }: Asking): Promise<Outcome> {
  const found = await configOf(api, guest, signal);
  if (found === undefined) return fail(say`${guest.name} does not exist`);
  const volume = `vm-${guest.vmId}-cloudinit`;
  const drives = Object.values(found).map(String);
  if (!drives.some((drive) => drive.includes(volume) && drive.includes("media=cdrom")))
    return fail(say`${guest.name} has no config drive attached`);
  const stored = await api.get(
    `/nodes/${guest.node}/storage/${config.datastore}/content?vmid=${guest.vmId}`,
    volumes,
    signal,
  );
  if (!stored.some(({ volid }) => volid.includes(volume)))
    return fail(say`the config drive of ${guest.name} has no volume`);
  if (found.citype !== undefined && found.citype !== "nocloud")
    return fail(say`the config drive of ${guest.name} is not in the NoCloud format`);
  return pass(say`${guest.name} has its config drive attached`);
}

/** A VM's configuration as it is now; none where the VM does not exist. */
export async function configOf(
  api: Api,
  vm: { readonly node: string; readonly vmId: number },
  signal: AbortSignal,
): Promise<VmConfig | undefined> {
  return lookTwice(() =>
    api.get(`${pathOf(vm)}/config?current=1`, vmConfig, signal).catch((error: unknown) => {
      if (error instanceof PveError && isGone(error)) return undefined;
      throw error;
    }),
  );
}

/** Whether a guest is switched on, and since when. */
export async function powerOf(api: Api, guest: Guest, signal: AbortSignal): Promise<Power> {
  try {
    const { status, uptime } = await api.get(`${pathOf(guest)}/status/current`, vmStatus, signal);
    return { running: status === "running", uptime: uptime * 1_000 };
  } catch (error) {
    if (error instanceof PveError && isGone(error)) return { running: false };
    throw error;
  }
}

/** The API path of a VM. */
export function pathOf(vm: { readonly node: string; readonly vmId: number }): string {
  return `/nodes/${vm.node}/qemu/${vm.vmId}`;
}

/** PVE says with a 500 that a VM is not there (pve-guest-common, AbstractConfig.pm); other things may not exist either. */
function isGone(error: unknown): boolean {
  return (
    error instanceof PveError &&
    error.status === 500 &&
    /Configuration file '[^']*' does not exist/.test(error.words)
  );
}

/** And that a guest does not answer (qemu-server, Agent.pm and QMPClient.pm); any other 500 is the API's own trouble. */
function isSilence(error: PveError): boolean {
  return /guest agent is not running|VM \d+ is not running|qga command '[^']*' failed/i.test(error.words);
}

/** An answer that does not come is an agent that does not answer: it is what PVE itself waits for. */
function isHung(error: unknown, signal: AbortSignal): error is Unreadable {
  return error instanceof Unreadable && error.reason === "timeout" && !signal.aborted;
}

/** `agent` is `1`, or options such as `enabled=1,type=virtio`. */
function agentEnabled(found: VmConfig): boolean {
  const [first, ...rest] = String(found.agent ?? "0").split(",");
  return [first, ...rest].some((option) => option === "1" || option === "enabled=1");
}
