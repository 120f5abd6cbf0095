// A VM set as declared, for what the engine does not see of one: drives, settings and boot order that nobody declared.
import { list, type Sentence, say } from "../../../check/outcome.ts";
import { ByHand, type Mended } from "../../substrate.ts";
import type { Api } from "../api.ts";
import { pathOf } from "../checks/machines.ts";
import { isWaiting } from "../checks/waiting.ts";
import { bootDisk, type Deviation, deviationOf } from "../deviation.ts";
import { vmConfig, vmState, waiting } from "../models.ts";
import { carryOut } from "../task.ts";
import type { Guest } from "../topology.ts";

/** PVE lets nobody but root change these, whatever the token's rights (qemu-server, API2/Qemu.pm). */
const rootOnly = /^(args|hookscript|(hostpci|parallel|usb)\d+)$/;

/**
 * Sets the declared settings and brings what waits into force; none where nothing is left to do, or where what is wrong
 * is out of reach: such a VM can only be made anew.
 * @throws ByHand where somebody holds the VM
 */
export async function mendMachine(guest: Guest, api: Api, signal: AbortSignal): Promise<Mended | undefined> {
  const path = pathOf(guest);
  const { lock, qmpstatus } = await api.get(`${path}/status/current`, vmState, signal);
  if (lock !== undefined)
    throw new ByHand(
      `it is locked, by a backup say: wait for that to end; where nothing runs any more, on ${guest.node}: ` +
        "qm unlock <its vmId, as in the stack config>",
    );
  const deviation = deviationOf(await api.get(`${path}/config`, vmConfig, signal), guest.nics.length);
  if (deviation.settings.some((key) => rootOnly.test(key))) return undefined;
  const done = await setAsDeclared(guest, deviation, { api, signal });
  if (qmpstatus === "paused") {
    await carryOut(api, `POST ${path}/status/resume`, signal);
    done.push(say`resumed`);
  }
  if (await anyWaits(api, `${path}/pending`, signal)) {
    await restart(api, guest, signal);
    done.push(say`restarted for settings that waited`);
  }
  return done.length === 0 ? undefined : { action: list(done), renewed: [] };
}

type Asking = { readonly api: Api; readonly signal: AbortSignal };

async function setAsDeclared(
  guest: Guest,
  { drives, settings, altered, bootsFromDisk }: Deviation,
  { api, signal }: Asking,
): Promise<Sentence[]> {
  const path = pathOf(guest);
  const attached = drives.filter((key) => !isDetached(key));
  await remove(path, [...settings, ...attached], { api, signal });
  // A disk that is taken off stays as an unused one; only taking that away removes its volume.
  const now = await api.get(`${path}/config`, vmConfig, signal);
  const left = deviationOf(now, guest.nics.length).drives.filter(isDetached);
  await remove(path, left, { api, signal });
  const fields = {
    ...altered,
    ...(bootsFromDisk ? {} : { boot: `order=${bootDisk}` }),
  };
  if (Object.keys(fields).length > 0) await carryOut(api, `PUT ${path}/config`, signal, fields);
  const changed = Object.keys(altered).length;
  return [
    settings.length === 0 ? [] : [say`removed ${settings.length} settings`],
    drives.length === 0 ? [] : [say`removed ${drives.length} drives`],
    changed === 0 ? [] : [say`set ${changed} settings`],
    bootsFromDisk ? [] : [say`set bootOrders`],
  ].flat();
}

function isDetached(key: string): boolean {
  return key.startsWith("unused");
}

async function remove(path: string, keys: readonly string[], { api, signal }: Asking): Promise<void> {
  if (keys.length > 0) await carryOut(api, `PUT ${path}/config`, signal, { delete: keys.join(",") });
}

/** Whether any setting of these rows (…/pending, …/cloudinit) has not come into force. */
export async function anyWaits(api: Api, path: string, signal: AbortSignal): Promise<boolean> {
  return (await api.get(path, waiting, signal)).some(isWaiting);
}

/** Cold: PVE's reboot of a running guest would do too, but needs the guest's help. */
export async function restart(api: Api, guest: Guest, signal: AbortSignal): Promise<void> {
  await carryOut(api, `POST ${pathOf(guest)}/status/shutdown`, signal, { forceStop: 1, timeout: 60 });
  await carryOut(api, `POST ${pathOf(guest)}/status/start`, signal, { timeout: 60 });
}
