// Whether the token has the rights that it needs, asked place by place: least ones to look, and more to repair.
import type { z } from "zod";
import { blocked, list, type Outcome, pass, say } from "../../../check/outcome.ts";
import type { Api } from "../api.ts";
import type { PveConfig } from "../config.ts";
import { permissions } from "../models.ts";
import { type Privilege, pathsOf, type Rights, rights } from "../rights.ts";

/** `repair`: whether the rights to repair are needed as well; who only looks should not have them. */
type Asked = { readonly api: Api; readonly repair: boolean; readonly signal: AbortSignal };

/** With what was asked already, by path. */
type Asking = Asked & { readonly known: Map<string, Promise<Granted>> };

/** The observation of pve.perms. */
export async function checkPermissions(config: PveConfig, asked: Asked): Promise<Outcome> {
  const asking = { ...asked, known: new Map() };
  const lacks = await Promise.all(rights.map((one) => lackingAt(config, one, asking)));
  const told = lacks.flatMap(({ place, look, repair }) => {
    const missing = [...look, ...repair];
    return missing.length === 0 ? [] : [say`${list(missing)} on ${place}`];
  });
  if (lacks.some(({ look }) => look.length > 0))
    return blocked(say`could not look: the token lacks ${list(told, "; ")}`);
  if (told.length > 0) return blocked(say`could not repair: the token lacks ${list(told, "; ")}`);
  return asked.repair
    ? pass(say`the token may see everything that is judged, and repair what is declared`)
    : pass(say`the token may see everything that is judged`);
}

type AtPlace = (typeof rights)[number];
type Lacking = Pick<AtPlace, "place"> & Omit<Rights, "place">;

/** The rights that are missing on any of a place's paths. */
async function lackingAt(config: PveConfig, at: AtPlace, asking: Asking): Promise<Lacking> {
  const held = await Promise.all(pathsOf(config)[at.place].map((path) => heldOn(config, path, asking)));
  const missing = (wanted: readonly Privilege[]) =>
    wanted.filter((right) => held.some((names) => !covers(names, right)));
  return { place: at.place, look: missing(at.look), repair: asking.repair ? missing(at.repair) : [] };
}

/**
 * What the token holds on a path, by PVE's own reckoning: a deeper entry of the access list takes the place of what is
 * inherited, and an empty one is left out of the whole list. A VM of ours that is still to be made will have its pool's rights.
 */
async function heldOn(
  { pool, guests, template }: PveConfig,
  path: string,
  asking: Asking,
): Promise<ReadonlySet<string>> {
  const ours = [...guests, ...(template.adopt === undefined ? [template] : [])];
  const pooled = pool !== undefined && ours.some(({ vmId }) => path === `/vms/${vmId}`);
  const paths = [path, ...(pooled ? [`/pool/${pool.id}`] : [])];
  const granted = await Promise.all(paths.map((one) => grantedOn(one, asking)));
  // What is asked of all VMs must hold below their path too.
  const holds = (below: boolean | undefined) => below === true || path !== "/vms";
  return new Set(granted.flatMap((one) => Object.keys(one).filter((right) => holds(one[right]))));
}

type Granted = z.infer<typeof permissions>[string];

function grantedOn(path: string, { api, signal, known }: Asking): Promise<Granted> {
  const asked =
    known.get(path) ??
    api.get(`/access/permissions?path=${path}`, permissions, signal).then((told) => told[path] ?? {});
  known.set(path, asked);
  return asked;
}

/** Rights under which PVE grants what another one is for; VM.Monitor is PVE 8's for the guest agent (pve-docs, pveum.adoc). */
const wider: Partial<Record<Privilege, readonly string[]>> = {
  "SDN.Audit": ["SDN.Use"],
  "VM.GuestAgent.Unrestricted": ["VM.Monitor"],
};

function covers(held: ReadonlySet<string>, right: Privilege): boolean {
  return [right, ...(wider[right] ?? [])].some((name) => held.has(name));
}
