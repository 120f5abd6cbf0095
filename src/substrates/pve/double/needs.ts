// What a call of the API takes before anything is done: privileges on paths, as the API's own description gives them.
import { Refusal } from "./refusal.ts";
import { type Caller, privilegesOn } from "./tokens.ts";

/** All of the privileges, or any one of them, on a path with the call's parameters filled in: `/vms/{vmid}`. */
type Demand = { readonly on: string; readonly given?: string } & (
  | { readonly all: readonly string[] }
  | { readonly any: readonly string[] }
);

/** What a call takes; `given`: only for calls that have that parameter. */
export type Need = Demand | { readonly every: readonly Need[] } | { readonly either: readonly Need[] };

/** Throws 403 in PVE's words where the caller lacks what is needed (pve-access-control, RPCEnvironment.pm). */
export function demand(caller: Caller, need: Need, parameters: Readonly<Record<string, string>> = {}): void {
  const lack = lackOf(caller, need, parameters);
  if (lack !== undefined)
    throw new Refusal(403, lack === "" ? "Permission check failed" : `Permission check failed (${lack})`);
}

/** Whether the caller has what is needed. */
export function may(caller: Caller, need: Need): boolean {
  return lackOf(caller, need, {}) === undefined;
}

/** None: nothing is missing. Empty: more than one path would do. */
function lackOf(
  caller: Caller,
  need: Need,
  parameters: Readonly<Record<string, string>>,
): string | undefined {
  if ("every" in need)
    return need.every.map((one) => lackOf(caller, one, parameters)).find((lack) => lack !== undefined);
  if ("either" in need)
    return need.either.some((one) => lackOf(caller, one, parameters) === undefined) ? undefined : "";
  if (need.given !== undefined && parameters[need.given] === undefined) return "";
  const path = need.on.replaceAll(/\{(\w+)\}/g, (_, name: string) => parameters[name] ?? "");
  const held = privilegesOn(caller, path);
  if ("any" in need)
    return need.any.some((privilege) => held.has(privilege)) ? undefined : `${path}, ${need.any.join("|")}`;
  const missing = need.all.find((privilege) => !held.has(privilege));
  return missing === undefined ? undefined : `${path}, ${missing}`;
}
