// What names a check: the catalogue's id, and the target that it is asked about.
import type { Name } from "../environment/name.ts";

/** `<area>.<subject>…`, from the catalogue and permanent. */
export type CheckId = `${string}.${string}`;

/** A check's id, with its target where it has one: `g.ssh@leaf1`. */
export type CheckKey = CheckId | `${CheckId}@${Name}`;

/** What names a check within one plan. */
export function keyOf(check: { readonly id: CheckId; readonly target?: Name }): CheckKey {
  return check.target === undefined ? check.id : `${check.id}@${check.target}`;
}
