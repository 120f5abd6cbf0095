// Endpoints of other substrates of the environment, to which a substrate's flows may lead.
import type { CheckId } from "../check/key.ts";
import type { Common, Endpoint } from "../environment/common.ts";
import type { Name } from "../environment/name.ts";

/** As flows name it: `<substrate>/<endpoint>`. */
export type Abroad = { readonly substrate: Name; readonly endpoint: Name };

/** An endpoint that the internet knows by an address. */
export type Edge = {
  readonly endpoint: Endpoint;
  readonly publicAddress: string;
  /** How one logs in there. */
  readonly access: Pick<Common, "sshKey" | "jump" | "connectTimeout">;
};

/** One that is to be logged in to. */
export type KnownEdge = Edge & {
  /** The recorded fingerprint, `SHA256:…`. */
  readonly hostKey: string;
};

/** The check of all flows between a substrate's guest and another substrate. */
export function abroadId(own: string, { substrate }: Abroad): CheckId {
  return `${own}.${substrate}`;
}

type Grouped = { readonly name: string; readonly groups: Readonly<Record<string, readonly CheckId[]>> };
type Leading = { readonly abroad?: readonly Abroad[] };

/** The groups of a substrate's checks, with the check of flows that lead abroad among those of reachability. */
export function groupsOf({ name, groups }: Grouped, { abroad = [] }: Leading): Grouped["groups"] {
  const ids = new Set(abroad.map((one) => abroadId(name, one)));
  return ids.size === 0 ? groups : { ...groups, reachability: [...(groups.reachability ?? []), ...ids] };
}
