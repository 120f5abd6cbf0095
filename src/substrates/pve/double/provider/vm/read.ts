// Reading a VM: where it is, how it is configured, and which addresses its guest agent names.
import { isIPv4, isIPv6 } from "node:net";
import { z } from "zod";
import type { Properties } from "../../../../double.ts";
import { PveError, poll, type Rest, segment } from "../rest.ts";
import { type Config, drivesOf, getConfig, isSeed, optionsOf, type Place, pathOf } from "./config.ts";
import { isObject } from "./defaults.ts";
import { isRunning } from "./power.ts";
import { stateOf } from "./state.ts";

const resources = z.array(z.object({ vmid: z.number(), node: z.string() }));
const volume = z.object({ format: z.string().default("") });
const pools = z.array(z.object({ poolid: z.string() }));
const poolMembers = z.array(z.object({ members: z.array(z.object({ vmid: z.number().optional() })) }));
const interfaces = z.object({
  result: z.array(
    z.object({
      name: z.string(),
      "hardware-address": z.string().default("00:00:00:00:00:00"),
      "ip-addresses": z.array(z.object({ "ip-address": z.string() })).default([]),
    }),
  ),
});

/** The VM's outputs as they are now; none where it is gone. */
export async function readVm(
  rest: Rest,
  id: number,
  known: Properties,
  signal: AbortSignal,
): Promise<Properties | undefined> {
  const all = await rest.get("cluster/resources", resources, { query: { type: "vm" }, signal });
  const node = all.find(({ vmid }) => vmid === id)?.node;
  if (node === undefined) return undefined;
  const at = { node, id };
  const config = await getConfig(rest, at, signal);
  const running = await isRunning(rest, at, signal);
  const formats = await formatsOf(rest, at, config, signal);
  const pool = await poolOf(rest, id, signal);
  const state = stateOf({ config, node, id, running, formats, pool }, known);
  return { ...state, ...(await addressesOf(rest, at, { config, running, state, signal })) };
}

async function formatsOf(
  rest: Rest,
  at: Place,
  found: Config,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const formats = new Map<string, string>();
  for (const [key, drive] of drivesOf(found)) {
    if (drive.options.media === "cdrom" || drive.volume === "none" || isSeed(drive.volume, at.id)) continue;
    const datastore = drive.volume.split(":")[0];
    const path = `nodes/${at.node}/storage/${datastore}/content/${segment(drive.volume)}`;
    const answer = await rest.find(path, volume, { signal });
    if (answer !== undefined) formats.set(key, answer.format);
  }
  return formats;
}

async function poolOf(rest: Rest, id: number, signal: AbortSignal): Promise<string> {
  for (const { poolid } of await rest.get("pools", pools, { signal })) {
    const found = await rest.get("pools", poolMembers, { query: { poolid }, signal });
    if (found.some(({ members }) => members.some(({ vmid }) => vmid === id))) return poolid;
  }
  return "";
}

type Moment = {
  readonly config: Config;
  readonly running: boolean;
  readonly state: Properties;
  readonly signal: AbortSignal;
};

// With `waitForIp.disabled` the plugin never asks, and even forgets the MAC addresses that the configuration names.
async function addressesOf(
  rest: Rest,
  at: Place,
  { config, running, state, signal }: Moment,
): Promise<Properties> {
  const none = { ipv4Addresses: [], ipv6Addresses: [], networkInterfaceNames: [] };
  if (state.started !== true || !running || optionsOf(config.agent ?? "", "enabled").enabled !== "1")
    return none;
  const agent = isObject(state.agent) ? state.agent : {};
  if (isObject(agent.waitForIp) && agent.waitForIp.disabled === true) return { ...none, macAddresses: [] };
  const found = await awaitAddresses(rest, at, String(agent.timeout ?? "15m"), signal);
  if (found === undefined) return { ...none, macAddresses: [] };
  const texts = found.map((nic) => nic["ip-addresses"].map((each) => each["ip-address"]));
  return {
    networkInterfaceNames: found.map(({ name }) => name),
    macAddresses: found.map((nic) => nic["hardware-address"].toUpperCase()),
    ipv4Addresses: texts.map((list) => list.filter((text) => isIPv4(text))),
    ipv6Addresses: texts.map((list) => list.filter((text) => isIPv6(text))),
  };
}

type Interfaces = z.output<typeof interfaces>["result"];

// A dead agent is no error: the addresses are simply unknown when the time is up.
async function awaitAddresses(
  rest: Rest,
  at: Place,
  timeout: string,
  signal: AbortSignal,
): Promise<Interfaces | undefined> {
  const units = { s: 1_000, m: 60_000, h: 3_600_000 } as const;
  const deadline = AbortSignal.timeout(
    Number.parseInt(timeout, 10) * units[z.enum(["s", "m", "h"]).parse(timeout.at(-1))],
  );
  const limited = AbortSignal.any([signal, deadline]);
  const ask = async (): Promise<Interfaces> => {
    try {
      return (await rest.get(`${pathOf(at)}/agent/network-get-interfaces`, interfaces, { signal: limited }))
        .result;
    } catch (error) {
      if (error instanceof PveError && error.status !== 403) return [];
      throw error;
    }
  };
  try {
    return await poll(ask, (found) => found.some(hasGlobalAddress), limited);
  } catch (error) {
    if (deadline.aborted && !signal.aborted) return undefined;
    throw error;
  }
}

function hasGlobalAddress(nic: Interfaces[number]): boolean {
  return nic["ip-addresses"].some(
    ({ "ip-address": text }) => !/^(127\.|169\.254\.|::1$|fe80:|ff)/i.test(text),
  );
}
