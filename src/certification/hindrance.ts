// What the engine must not be let loose on: then a person is told the command, and the repair stays undone.
import type { Change } from "../engine/changes.ts";
import type { Checkpoint, Recorded } from "../engine/checkpoint.ts";
import { configFile } from "../environment/stack.ts";

/** Why these changes must not be made by the engine, and what a person would do; none where nothing is in the way. */
export function hindranceOf(
  stack: string,
  changes: readonly Change[],
  { resources, pendingCreates }: Pick<Checkpoint, "resources" | "pendingCreates">,
): string | undefined {
  const [pending] = pendingCreates;
  // Made again, it would be there twice.
  if (pending !== undefined)
    return (
      `${stack}: nobody saw how the creation of ${pending.name} ended. Remove it where it exists, then: ` +
      `\`pulumi refresh -s ${stack} --clear-pending-creates\``
    );
  const absent = changes.find(({ action }) => action === "absent");
  if (absent !== undefined)
    return (
      `${absent.name} is adopted and not there. Whoever keeps it has to make it again; or name another one in ` +
      `${configFile(stack)}, or adopt none there, and it is made`
    );
  const kept = resources.find(({ urn, kept }) => kept && changes.some((one) => isReplaced(one, urn)));
  return kept === undefined ? undefined : keptNote(stack, kept);
}

/** What to tell where something would have to be replaced that must be kept. */
export function keptNote(
  stack: string,
  { name, urn, adopted }: Pick<Recorded, "name" | "urn" | "adopted">,
): string {
  const unprotect = `\`pulumi state unprotect -s ${stack} '${urn}'\``;
  // Replaced, it would be imported again or made a second time.
  return adopted
    ? `${name} was there before us and is another one now than the stack config says. Put it back by hand, or ` +
        `correct the config and let go of this one: ${unprotect}, then \`pulumi state delete -s ${stack} '${urn}'\``
    : `${name} would have to be replaced, but is protected. Put it right by hand, or: ` +
        `${unprotect}, then \`pulumi up -s ${stack} --replace '${urn}'\``;
}

function isReplaced(change: Change, urn: string): boolean {
  return change.action === "replace" && change.urn === urn;
}
