// What repairs this substrate where the engine sees nothing to change: by request, or by making a guest anew.
import { z } from "zod";
import type { CheckId, CheckKey } from "../../check/key.ts";
import { list, say } from "../../check/outcome.ts";
import { type Name, name } from "../../environment/name.ts";
import type { Mend, Mended, Replaceable } from "../substrate.ts";
import { type Api, openApi } from "./api.ts";
import { pathOf } from "./checks/machines.ts";
import type { PveConfig } from "./config.ts";
import { mendBridge, revertStaged } from "./repair/bridge.ts";
import { mendOptions } from "./repair/firewall.ts";
import { carryOut } from "./task.ts";
import type { Bridge, Guest } from "./topology.ts";

/** The mends for these failed checks: what is staged on nodes first, then bridges, then guests. */
export function mends(config: PveConfig, failed: readonly CheckKey[]): readonly Mend[] {
  const failing = { failed, open: () => openApi(config) };
  return [
    ...config.nodes.flatMap((node) => staged(config, node, failing)),
    ...config.bridges.flatMap((bridge) => settings(bridge, failing)),
    ...config.guests.flatMap((guest) => [
      ...options(config, guest, failing),
      ...drive(guest, failing),
      ...waiting(guest, failing),
    ]),
  ];
}

/** Every guest, with the firewall that goes with its VM. */
export function replaceable(config: PveConfig): readonly Replaceable[] {
  return config.guests.map((guest) => ({
    target: guest.name,
    dead: keys(["g.ssh", "pve.qga.responsive", "g.cloudinit"], guest.name),
    close: keys(["pve.qga.responsive"], guest.name),
    witnesses: config.guests
      .filter((other) => other !== guest && other.nics[0]?.bridge === guest.nics[0]?.bridge)
      .flatMap((other) => keys(["g.ssh"], other.name)),
    provided: [
      ...(["pve.drift", "pve.nodes", "pve.template", "pve.bridges.pending"] as const),
      ...keys(["pve.vm.state", "pve.qga.enabled", "pve.ci.attached", "pve.ci.pending", "pve.fw"], guest.name),
      ...guest.nics.flatMap(({ bridge }) =>
        keys(["pve.bridges.config", "pve.bridges.pending", "pve.bridges.live"], bridge.name),
      ),
      ...keys(["pve.bridges.pending", "pve.storage", "pve.proxy"], guest.node),
    ],
  }));
}

function keys(ids: readonly CheckId[], target: Name): readonly CheckKey[] {
  return ids.map((id) => `${id}@${target}` as const);
}

type Failing = { readonly failed: readonly CheckKey[]; readonly open: () => Api };

type Recipe = Pick<Mend, "target" | "intent"> & {
  /** The checks that it is a cure for. */
  readonly against: readonly CheckKey[];
  readonly first?: boolean;
  readonly run: (api: Api, signal: AbortSignal) => Promise<Mended | undefined>;
};

/** None where nothing that it cures has failed. */
function mend({ failed, open }: Failing, { against, run, first = false, ...told }: Recipe): readonly Mend[] {
  const cures = failed.filter((key) => against.includes(key));
  if (cures.length === 0) return [];
  const apply = async (signal: AbortSignal) => {
    await using api = open();
    return await run(api, signal);
  };
  return [{ ...told, cures, first, apply }];
}

/** Before anything else: whoever applies a node's network applies what somebody else has staged there too. */
function staged({ bridges }: PveConfig, node: Name, failing: Failing): readonly Mend[] {
  const here = bridges.filter((bridge) => bridge.node === node);
  return mend(failing, {
    target: node,
    intent: say`revert the staged network changes`,
    first: true,
    against: [
      "pve.bridges.pending",
      ...keys(["pve.bridges.pending"], node),
      ...here.flatMap((bridge) => keys(["pve.bridges.pending"], bridge.name)),
    ],
    run: async (api, signal) => {
      await revertStaged(api, node, signal);
      return { action: say`reverted the staged network changes`, renewed: [] };
    },
  });
}

function settings(bridge: Bridge, failing: Failing): readonly Mend[] {
  return mend(failing, {
    target: bridge.name,
    intent: say`set the bridge as declared`,
    against: keys(["pve.bridges.config", "pve.bridges.live"], bridge.name),
    run: (api, signal) => mendBridge(bridge, api, signal),
  });
}

function options(config: PveConfig, guest: Guest, failing: Failing): readonly Mend[] {
  return mend(failing, {
    target: name.parse(`${guest.name}-firewall`),
    intent: say`set the firewall options as declared`,
    against: keys(["pve.fw"], guest.name),
    run: (api, signal) => mendOptions(config, guest, { api, signal }),
  });
}

const rows = z.array(z.object({ pending: z.unknown().optional(), delete: z.unknown().optional() }));

/** Whether any setting of these rows has not come into force. */
async function anyWaits(api: Api, path: string, signal: AbortSignal): Promise<boolean> {
  const found = await api.get(path, rows, signal);
  return found.some((row) => row.pending !== undefined || row.delete !== undefined);
}

/**
 * Written anew from the same settings a config drive keeps its instance-id, and the guest need not be restarted
 * (qemu-server, Cloudinit.pm); with other settings, or in a guest that came up from an older one, only a restart helps.
 */
function drive(guest: Guest, failing: Failing): readonly Mend[] {
  const outdated = keys(["pve.ci.fresh", "g.instanceid"], guest.name);
  return mend(failing, {
    target: guest.name,
    intent: say`regenerate the config drive`,
    against: [...keys(["pve.ci.pending", "pve.ci.readable"], guest.name), ...outdated],
    run: async (api, signal) => {
      const changed = await anyWaits(api, `${pathOf(guest)}/cloudinit`, signal);
      await carryOut(api, `PUT ${pathOf(guest)}/cloudinit`, signal);
      const action = say`regenerated the config drive`;
      if (!changed && !failing.failed.some((key) => outdated.includes(key))) return { action, renewed: [] };
      await restart(api, guest, signal);
      return { action: say`${list([action, say`restarted`])}`, renewed: [guest.name] };
    },
  });
}

/** Settings that wait come into force with a cold start. */
function waiting(guest: Guest, failing: Failing): readonly Mend[] {
  return mend(failing, {
    target: guest.name,
    intent: say`bring waiting settings into force`,
    against: keys(["pve.vm.state"], guest.name),
    run: async (api, signal) => {
      if (!(await anyWaits(api, `${pathOf(guest)}/pending`, signal))) return undefined;
      await restart(api, guest, signal);
      return { action: say`restarted for settings that waited`, renewed: [] };
    },
  });
}

/** Cold: PVE's reboot of a running guest would do too, but needs the guest's help. */
async function restart(api: Api, guest: Guest, signal: AbortSignal): Promise<void> {
  await carryOut(api, `POST ${pathOf(guest)}/status/shutdown`, signal, { forceStop: 1, timeout: 60 });
  await carryOut(api, `POST ${pathOf(guest)}/status/start`, signal, { timeout: 60 });
}
