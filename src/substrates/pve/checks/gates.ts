// The gates: is it the right API, is it healthy, may we see what we are about to judge.
import { connect, type PeerCertificate, type TLSSocket } from "node:tls";
import type { Check } from "../../../check/check.ts";
import { blocked, fail, list, type Outcome, pass, say } from "../../../check/outcome.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import type { Seen } from "../../seen.ts";
import { type Api, unreadable } from "../api.ts";
import type { PveConfig } from "../config.ts";
import { permissions, version } from "../models.ts";

/** The last gate: what every other PVE check waits for. */
export const gate = "pve.perms";

/** pve.tls → pve.api → pve.perms */
export function gateChecks(config: PveConfig, api: Api, seen: Seen): readonly Check[] {
  return [
    { id: "pve.tls", after: [], deadline: 15_000, observe: (signal) => checkTls(config, signal) },
    {
      id: "pve.api",
      after: ["pve.tls"],
      deadline: 60_000,
      observe: async (signal) => {
        const { release } = await api.get("/version", version, signal);
        seen.note("release", release);
        return judgeRelease(config, release);
      },
    },
    {
      id: gate,
      after: ["pve.api"],
      deadline: 15_000,
      observe: async (signal) =>
        judgePermissions(config, await api.get("/access/permissions", permissions, signal)),
    },
  ];
}

async function checkTls(config: PveConfig, signal: AbortSignal): Promise<Outcome> {
  const { certificate, authorized } = await shakeHands(config, signal);
  if (certificate.fingerprint256 !== config.fingerprint)
    return fail(say`the API shows another certificate than the pinned one`);
  if (new Date(certificate.valid_to) < new Date()) return fail(say`the API's pinned certificate has expired`);
  if (!authorized) throw new Unreadable("untrusted", "the chain does not lead to pve:ca");
  return pass(say`the API shows the pinned certificate`);
}

/** Connects without sending anything, so an untrusted certificate may be looked at. */
function shakeHands(
  config: PveConfig,
  signal: AbortSignal,
): Promise<{ certificate: PeerCertificate; authorized: boolean }> {
  const { hostname, port } = new URL(config.endpoint);
  const { promise, resolve, reject } = Promise.withResolvers<{
    certificate: PeerCertificate;
    authorized: boolean;
  }>();
  const socket: TLSSocket = connect({
    host: hostname,
    port: Number(port || 443),
    servername: /^[\d.]+$/.test(hostname) ? "" : hostname,
    rejectUnauthorized: false,
    ...(config.ca === undefined ? {} : { ca: config.ca }),
  });
  const abort = () => socket.destroy(new Unreadable("timeout", "TLS handshake"));
  signal.addEventListener("abort", abort, { once: true });
  socket.on("error", (error) => reject(unreadable(error, signal)));
  socket.on("close", () => reject(new Unreadable("unreachable", "closed during the TLS handshake")));
  socket.on("secureConnect", () =>
    resolve({ certificate: socket.getPeerCertificate(), authorized: socket.authorized }),
  );
  return promise.finally(() => {
    signal.removeEventListener("abort", abort);
    socket.destroy();
  });
}

function judgeRelease(config: PveConfig, release: string): Outcome {
  return isHealthy(config, release)
    ? pass(say`the release is inside the configured range`)
    : fail(say`the release is outside the configured range`);
}

/** Whether a release is inside the configured range. */
export function isHealthy({ versions }: PveConfig, release: string): boolean {
  return order(release, versions.from) >= 0 && order(release, versions.before) < 0;
}

/** Negative, zero or positive as version `a` is older than, equal to or newer than `b`. */
function order(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

/**
 * What certification needs, and all that it needs: a token with just these privileges can change no setting but a VM's
 * disks. PVE's lists leave out silently what the principal may not see, so without them nothing may be judged.
 *
 * - Sys.Audit: nodes, their status and networks, firewall options of datacenter and nodes (pve.nodes, .proxy, .bridges.*, .fw)
 * - VM.Audit: VMs with their config, status, firewall, pending and cloud-init settings (pve.vm.state, .fw, .ci.*, .template,
 *   .placement, .inventory)
 * - VM.GuestAgent.Audit, VM.GuestAgent.FileRead: agent and host key (pve.qga.*, g.ssh); those of PVE 9, which dropped VM.Monitor
 * - VM.Config.Disk: a write privilege, but PVE shows nobody else a VM's volumes (pve-storage, PVE::Storage,
 *   check_volume_access), neither to pve.ci.attached nor to the engine's refresh
 * - Datastore.Audit: datastores and the base image (pve.storage, .baseimage)
 * - SDN.Audit: bridges are left out of a node's network without it (pve-manager, Network.pm, check_sdn_bridge)
 *
 * It is asked for on all that is read: a deeper entry of the access list takes the place of what is inherited.
 */
function neededFor(
  config: PveConfig,
): readonly (readonly [path: string, privileges: readonly Privilege[]])[] {
  const bridges = new Set(config.bridges.map(({ iface }) => iface));
  const storages = new Set([config.datastore, config.image.datastore]);
  const guest = ["VM.Audit", "VM.GuestAgent.Audit", "VM.GuestAgent.FileRead", "VM.Config.Disk"] as const;
  return [
    ["/", ["Sys.Audit"]],
    ...config.nodes.map((node) => [`/nodes/${node}`, ["Sys.Audit"]] as const),
    // Whoever else's VM may carry the run's tag.
    ["/vms", ["VM.Audit"]],
    [`/vms/${config.template.vmId}`, ["VM.Audit", "VM.Config.Disk"]],
    ...config.guests.map(({ vmId }) => [`/vms/${vmId}`, guest] as const),
    ...[...storages].map((storage) => [`/storage/${storage}`, ["Datastore.Audit"]] as const),
    ...[...bridges].map((bridge) => [`/sdn/zones/localnetwork/${bridge}`, ["SDN.Audit"]] as const),
  ];
}

type Privilege =
  | "Sys.Audit"
  | "VM.Audit"
  | "VM.GuestAgent.Audit"
  | "VM.Config.Disk"
  | "VM.GuestAgent.FileRead"
  | "Datastore.Audit"
  | "SDN.Audit";

type Granted = Readonly<Record<string, Readonly<Record<string, boolean>>>>;

function judgePermissions(config: PveConfig, granted: Granted): Outcome {
  const missing = neededFor(config).flatMap(([path, privileges]) =>
    privileges.filter((privilege) => !holds(granted, path, privilege)),
  );
  return missing.length === 0
    ? pass(say`the token may see everything that is judged`)
    : blocked(say`could not look: the token lacks ${list([...new Set(missing)])}`);
}

/** PVE answers with privileges per path that has an entry; what is below inherits from the nearest one, if it may. */
function holds(granted: Granted, path: string, privilege: Privilege): boolean {
  const nearest = ancestors(path).find((candidate) => granted[candidate] !== undefined);
  const rights = nearest === undefined ? {} : (granted[nearest] ?? {});
  const has = (name: string) => (nearest === path ? Object.hasOwn(rights, name) : rights[name] === true);
  return has(privilege) || (privilege === "VM.GuestAgent.FileRead" && has("VM.GuestAgent.Unrestricted"));
}

/** `/a/b` → `/a/b`, `/a`, `/` */
function ancestors(path: string): readonly string[] {
  if (path === "/") return ["/"];
  return [path, ...ancestors(path.slice(0, path.lastIndexOf("/")) || "/")];
}
