// What repairs this substrate where the engine sees nothing to change: by request, or by making a guest anew.
import type { CheckId, CheckKey } from "../../check/key.ts";
import { list, say } from "../../check/outcome.ts";
import { type Name, name } from "../../environment/name.ts";
import type { Mend, Mended, Replaceable } from "../substrate.ts";
import { type Api, openApi } from "./api.ts";
import { pathOf } from "./checks/machines.ts";
import { filesOf, imageIn } from "./checks/storage.ts";
import type { PveConfig } from "./config.ts";
import { adviseFirewall, adviseInventory, adviseStorage, adviseTemplate } from "./repair/advice.ts";
import { mendBridge, revertStaged } from "./repair/bridge.ts";
import { mendOptions } from "./repair/firewall.ts";
import { anyWaits, mendMachine, restart } from "./repair/machine.ts";
import { mendTemplate } from "./repair/template.ts";
import { carryOut } from "./task.ts";
import type { Bridge, Guest } from "./topology.ts";

/** The mends for these failed checks: what is staged on nodes first, then bridges, then guests, then what is not ours. */
export function mends(config: PveConfig, failed: readonly CheckKey[]): readonly Mend[] {
  const failing = { failed, open: () => openApi(config) };
  return [
    ...config.nodes.flatMap((node) => staged(node, failing)),
    ...config.bridges.flatMap((bridge) => settings(bridge, failing)),
    ...image(config, failing),
    ...config.guests.flatMap((guest) => [
      ...options(config, guest, failing),
      ...drive(guest, failing),
      ...machine(guest, failing),
    ]),
    ...materials(config, failing),
  ];
}

/** Every guest, with the firewall that goes with its VM. */
export function replaceable(config: PveConfig): readonly Replaceable[] {
  return config.guests.map((guest) => replaceableGuest(config, guest));
}

/** What guests tell of themselves over a proven login, the agent or the hypervisor. */
const ownFaults = [
  ...(["pve.vm.state", "pve.qga.responsive", "pve.qga.exec", "pve.ci.readable", "pve.ci.fresh"] as const),
  ...(["g.cloudinit", "g.hostname", "g.addr", "g.userdata", "g.instanceid", "pve.forwarding"] as const),
];

function replaceableGuest(config: PveConfig, guest: Guest): Replaceable {
  const [management] = guest.nics;
  return {
    target: guest.name,
    spoiled: keys(ownFaults, guest.name),
    silent: keys(["g.ssh"], guest.name),
    witnesses: config.guests
      .filter((other) => other !== guest && other.nics[0]?.bridge === management?.bridge)
      .flatMap((other) => keys(["g.ssh"], other.name)),
    provided: [
      ...(["pve.drift", "pve.nodes", "pve.template"] as const),
      ...keys(["pve.vm.state", "pve.qga.enabled", "pve.ci.attached", "pve.ci.pending", "pve.fw"], guest.name),
      ...guest.nics.flatMap(({ bridge }) => keys(["pve.bridges.config", "pve.bridges.live"], bridge.name)),
      ...keys(["pve.bridges.pending", "pve.storage", "pve.proxy"], guest.node),
    ],
  };
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
function staged(node: Name, failing: Failing): readonly Mend[] {
  return mend(failing, {
    target: node,
    intent: say`revert the staged network changes`,
    first: true,
    against: keys(["pve.bridges.pending"], node),
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
    run: (api, signal) => {
      const reload = failing.failed.includes(`pve.bridges.live@${bridge.name}`);
      return mendBridge(bridge, { api, signal, reload });
    },
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

function machine(guest: Guest, failing: Failing): readonly Mend[] {
  return mend(failing, {
    target: guest.name,
    intent: say`set the VM as declared`,
    against: keys(["pve.vm.state"], guest.name),
    run: (api, signal) => mendMachine(guest, api, signal),
  });
}

/** The engine makes what is missing; of a file it sees nothing but the name, and can not write over one that is there. */
function image({ image: declared }: PveConfig, failing: Failing): readonly Mend[] {
  if (declared === undefined) return [];
  return mend(failing, {
    target: name.parse("image"),
    intent: say`remove the file that is not the declared image`,
    against: ["pve.baseimage"],
    run: async (api, signal) => {
      const found = imageIn(declared, await filesOf(declared, { api, signal }));
      if (found === undefined || found.size === declared.size) return undefined;
      const { node, datastore } = declared;
      const path = `/nodes/${node}/storage/${datastore}/content/${encodeURIComponent(found.volid)}` as const;
      await carryOut(api, `DELETE ${path}`, signal);
      return { action: say`removed a file that was not the declared image`, renewed: [] };
    },
  });
}

/** What belongs to the whole cluster is not ours to change. */
function materials(config: PveConfig, failing: Failing): readonly Mend[] {
  return [
    ...config.nodes.flatMap((node) =>
      mend(failing, {
        target: node,
        intent: say`let the datastores hold what is needed`,
        against: keys(["pve.storage"], node),
        run: (api, signal) => adviseStorage(config, node, { api, signal }),
      }),
    ),
    ...mend(failing, {
      target: name.parse("datacenter"),
      intent: say`switch the firewall on`,
      against: config.guests.flatMap((guest) => keys(["pve.fw"], guest.name)),
      run: adviseFirewall,
    }),
    ...mend(failing, {
      target: name.parse("template"),
      intent: say`put the template right`,
      against: ["pve.template"],
      run: (api, signal) =>
        config.template.adopt === undefined
          ? mendTemplate(config, api, signal)
          : adviseTemplate(config.template),
    }),
    ...mend(failing, {
      target: name.parse("inventory"),
      intent: say`tell whose the VMs are that are not declared`,
      against: ["pve.inventory"],
      run: adviseInventory,
    }),
  ];
}
