// API tokens and what each may do: privileges on paths, inherited downwards, and through pools.
import { randomUUID } from "node:crypto";
import { Refusal } from "./refusal.ts";
import type { Access, Cluster, Token } from "./state.ts";

/** Who asks whom. */
export type Caller = { readonly cluster: Cluster; readonly token: Token };

const audit = [
  "Datastore.Audit",
  "Mapping.Audit",
  "Pool.Audit",
  "SDN.Audit",
  "Sys.Audit",
  "VM.Audit",
  "VM.GuestAgent.Audit",
] as const;

/** Roles: everything that the lab's API ever asks for, PVEAuditor, nothing. */
const roles = {
  full: [
    ...audit,
    "Datastore.Allocate",
    "Datastore.AllocateSpace",
    "Datastore.AllocateTemplate",
    "Permissions.Modify",
    "Pool.Allocate",
    "SDN.Use",
    "Sys.AccessNetwork",
    "Sys.Console",
    "Sys.Modify",
    "VM.Allocate",
    "VM.Clone",
    "VM.Config.CDROM",
    "VM.Config.CPU",
    "VM.Config.Cloudinit",
    "VM.Config.Disk",
    "VM.Config.HWType",
    "VM.Config.Memory",
    "VM.Config.Network",
    "VM.Config.Options",
    "VM.GuestAgent.FileRead",
    "VM.GuestAgent.Unrestricted",
    "VM.Migrate",
    "VM.PowerMgmt",
  ],
  audit,
  none: [],
} as const;

/** The paths that PVE reports for everybody, beside those in the ACL (pve-access-control, RPCEnvironment.pm). */
const topPaths = [
  "/",
  "/access",
  "/access/groups",
  "/mapping",
  "/nodes",
  "/pool",
  "/sdn",
  "/storage",
  "/vms",
];

/** Makes a token with a role on everything, or with privileges by path, which reach further down. */
export function addToken(
  cluster: Cluster,
  id: string,
  rights: keyof typeof roles | Readonly<Record<string, readonly string[]>>,
): Token {
  const byPath = typeof rights === "string" ? { "/": roles[rights] } : rights;
  const acl = Object.entries(byPath).map(([path, privileges]): [string, Access] => [
    path,
    { privileges, propagate: true },
  ]);
  const token = { id, secret: randomUUID(), acl: new Map(acl) };
  cluster.tokens.set(id, token);
  return token;
}

/** Who an Authorization header speaks for: `PVEAPIToken=<id>=<secret>`. Throws 401. */
export function authenticate(cluster: Cluster, header: string | undefined): Token {
  const [, id = "", secret] = /^PVEAPIToken=([^=]+)=(.+)$/.exec(header ?? "") ?? [];
  const token = cluster.tokens.get(id);
  if (secret === undefined) throw new Refusal(401, "No ticket");
  if (token === undefined)
    throw new Refusal(401, `no such token '${id.split("!")[1]}' for user '${id.split("!")[0]}'`);
  if (token.secret !== secret) throw new Refusal(401, "invalid token value!");
  return token;
}

/** GET /access/permissions: effective privileges by path, 1 where they are inherited further. */
export function permissions(caller: Caller, path?: string): Record<string, Record<string, 0 | 1>> {
  const { cluster, token } = caller;
  const pooled = [...cluster.pools.values()].flatMap(({ vms }) => [...vms].map((vmid) => `/vms/${vmid}`));
  const paths = path === undefined ? [...new Set([...topPaths, ...token.acl.keys(), ...pooled])] : [path];
  const told = paths.map((path) => [path, asFlags(privilegesOn(caller, path))] as const);
  return Object.fromEntries(told.filter(([, privileges]) => Object.keys(privileges).length > 0));
}

/**
 * What a caller holds on a path, and whether it reaches further down. An entry of the access list takes the place of what
 * was inherited from above; what is held on a pool is held on its VMs too, but no further (pve-access-control,
 * AccessControl.pm, roles; RPCEnvironment.pm, compile_acl_path).
 */
export function privilegesOn({ cluster, token }: Caller, path: string): ReadonlyMap<string, boolean> {
  const own = inherited(token, path);
  const pool = [...cluster.pools].find(([, { vms }]) => [...vms].some((vmid) => `/vms/${vmid}` === path));
  if (pool === undefined) return own;
  const fromPool = [...inherited(token, `/pool/${pool[0]}`).keys()].map((name) => [name, false] as const);
  return new Map([...fromPool, ...own]);
}

function inherited({ acl }: Token, path: string): ReadonlyMap<string, boolean> {
  const held = ancestorsOf(path).flatMap((above) => {
    const access = acl.get(above);
    return access !== undefined && (access.propagate || above === path) ? [access] : [];
  });
  const { privileges = [], propagate = false } = held[0] ?? {};
  return new Map(privileges.map((privilege) => [privilege, propagate]));
}

/** `/a/b` → `/a/b`, `/a`, `/` */
function ancestorsOf(path: string): string[] {
  if (path === "/") return ["/"];
  return [path, ...ancestorsOf(path.slice(0, path.lastIndexOf("/")) || "/")];
}

function asFlags(privileges: ReadonlyMap<string, boolean>): Record<string, 0 | 1> {
  const told = [...privileges].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(told.map(([privilege, further]) => [privilege, further ? 1 : 0] as const));
}
