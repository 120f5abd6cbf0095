// API tokens and what each may do: roles on paths, inherited downwards.
import { randomUUID } from "node:crypto";
import { Refusal } from "./refusal.ts";
import type { Cluster, Token } from "./state.ts";

const audit = [
  "Datastore.Audit",
  "Mapping.Audit",
  "Pool.Audit",
  "SDN.Audit",
  "Sys.Audit",
  "VM.Audit",
  "VM.GuestAgent.Audit",
] as const;

/** Roles: administrator (what the lab's routes ask for, and what checks look for), looking only, PVEAuditor, nothing. */
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
  /** Exactly what looking needs; see checks/gates.ts. */
  certify: [...audit, "VM.Config.Disk", "VM.GuestAgent.FileRead"],
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

/** Makes a token with a role on everything. */
export function addToken(cluster: Cluster, id: string, role: keyof typeof roles): Token {
  const token = { id, secret: randomUUID(), acl: new Map([["/", roles[role]]]) };
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

/** Whether a token has a privilege on a path. */
export function may(token: Token, path: string, privilege: string): boolean {
  return privilegesOn(token, path).has(privilege);
}

/** Throws 403 where it may not, in PVE's words. */
export function demand(token: Token, path: string, privilege: string): void {
  if (!may(token, path, privilege)) throw new Refusal(403, `Permission check failed (${path}, ${privilege})`);
}

/** GET /access/permissions: effective privileges by path, 1 where they are inherited further. */
export function permissions(token: Token, path?: string): Record<string, Record<string, 1>> {
  const paths = path === undefined ? [...new Set([...topPaths, ...token.acl.keys()])] : [path];
  const told = paths.map((path) => [path, asFlags(privilegesOn(token, path))] as const);
  return Object.fromEntries(told.filter(([, privileges]) => Object.keys(privileges).length > 0));
}

function privilegesOn(token: Token, path: string): Set<string> {
  const held = [...token.acl].filter(([above]) => isWithin(path, above));
  return new Set(held.flatMap(([, privileges]) => privileges));
}

function isWithin(path: string, above: string): boolean {
  return above === "/" || path === above || path.startsWith(`${above}/`);
}

function asFlags(privileges: ReadonlySet<string>): Record<string, 1> {
  return Object.fromEntries([...privileges].sort().map((privilege) => [privilege, 1] as const));
}
