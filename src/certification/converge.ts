// Repairs by the engine: the whole stack brought to its declaration, or dead machines made anew.
import { list, type Sentence, say } from "../check/outcome.ts";
import { Unreadable } from "../check/unreadable.ts";
import type { Change, Events } from "../engine/changes.ts";
import type { Checkpoint } from "../engine/checkpoint.ts";
import { createStack } from "../engine/command.ts";
import { holderOf, lockIn } from "../engine/lock.ts";
import { EngineFailure, type OperationOptions, operate } from "../engine/operation.ts";
import { newRun } from "../environment/run.ts";
import type { Replaceable } from "../substrates/substrate.ts";
import type { Look } from "./look.ts";
import type { Attempt } from "./repair.ts";
import type { Means, Subject } from "./subject.ts";

/** Brings a substrate to its declaration, tagged with a release run. What could not be carried out is not done; it does not throw. */
export async function converge(
  subject: Subject,
  means: Means,
  { last, runId }: { readonly last: Look; readonly runId: string | undefined },
): Promise<readonly Attempt[]> {
  const run = newRun(new Date(), runId);
  const { changes, checkpoint } = last;
  const hindrance = checkpoint === undefined ? undefined : hindranceOf(subject, changes, checkpoint);
  if (hindrance !== undefined) {
    means.progress({ kind: "note", text: hindrance });
    return changes.map((change) => attemptOf(subject, change, false));
  }
  means.progress({ kind: "phase", text: `repairing ${subject.stack} as ${run.id}` });
  const applied = await up(subject, means, { run, create: checkpoint === undefined });
  const wrong = checkpoint === undefined ? applied.changes : changes;
  return wrong.map((change) => attemptOf(subject, change, applied.done.has(change.urn)));
}

/** Makes machines anew with everything that can not be without them, and touches nothing else. */
export async function replace(
  subject: Subject,
  means: Means,
  { last, replaceables }: { readonly last: Look; readonly replaceables: readonly Replaceable[] },
): Promise<readonly Attempt[]> {
  const resources = last.checkpoint?.resources ?? [];
  const found = replaceables.map((one) => ({
    ...one,
    resource: resources.find(({ name }) => name === one.target),
  }));
  const allowed = found.filter(({ resource }) => resource?.kept === false);
  for (const { target, resource } of found)
    if (resource?.kept === true)
      means.progress({ kind: "note", text: keptNote(subject, target, resource.urn) });
  const targets = allowed.map(({ target }) => target);
  if (targets.length > 0)
    means.progress({ kind: "phase", text: `making anew in ${subject.stack}: ${targets.join(", ")}` });
  const urns = allowed.flatMap(({ resource }) => resource?.urn ?? []);
  const applied = urns.length === 0 ? nothing : await up(subject, means, { replace: urns });
  const group = applied.changes.map((change) => attemptOf(subject, change, applied.done.has(change.urn)));
  const untouched = replaceables.filter(({ target }) => !group.some((attempt) => attempt.target === target));
  return [...group, ...untouched.map((one) => unreplaced(one))];
}

const nothing: Pick<Events, "changes" | "done"> = { changes: [], done: new Set() };

/** One update of the stack, and whether there is none yet. */
type Update = Pick<OperationOptions, "run" | "replace"> & { readonly create?: boolean };

async function up(
  { stack }: Subject,
  means: Means,
  { create = false, ...update }: Update,
): Promise<Pick<Events, "changes" | "done">> {
  try {
    const made = create ? await createStack(stack, means) : undefined;
    if (made?.ok === false) throw new Unreadable("engine", made.stderr);
    const operation = operate({ operation: "up", stack, ...update, ...means });
    operation.release();
    return await operation.ended;
  } catch (error) {
    means.debug(String(error));
    const lock = lockIn(String(error));
    if (lock !== undefined) means.progress({ kind: "note", text: `${stack} is locked by ${holderOf(lock)}` });
    return error instanceof EngineFailure ? error.events : nothing;
  }
}

/** Why the engine must not be let loose, and what a person would do. */
function hindranceOf(
  { stack }: Subject,
  changes: readonly Change[],
  { resources, pendingCreates }: Checkpoint,
): string | undefined {
  const [pending] = pendingCreates;
  if (pending !== undefined)
    return (
      `${stack}: nobody saw how the creation of ${pending.name} ended; where it exists, import it with ` +
      `\`pulumi refresh -s ${stack} --import-pending-creates '${pending.urn}' --import-pending-creates <id>\`, ` +
      `where it does not, \`pulumi refresh -s ${stack} --clear-pending-creates\``
    );
  const kept = new Set(resources.flatMap((one) => (one.kept ? one.urn : [])));
  const change = changes.find(({ action, urn }) => action === "replace" && kept.has(urn));
  return change === undefined ? undefined : keptNote({ stack }, change.name, change.urn);
}

function keptNote({ stack }: Pick<Subject, "stack">, target: string, urn: string): string {
  return (
    `${target} would have to be replaced, and is protected or was there before us: put it right by hand, or ` +
    `\`pulumi state unprotect -s ${stack} '${urn}'\` and \`pulumi up -s ${stack} --replace '${urn}'\``
  );
}

function attemptOf({ open }: Subject, change: Change, done: boolean): Attempt {
  const action = describe(change);
  return { target: change.name, action, done, verifiers: open.verifiers(change.name), at: new Date() };
}

function unreplaced({ target, dead }: Replaceable): Attempt {
  return { target, action: say`could not be replaced`, done: false, verifiers: dead, at: new Date() };
}

const verbs = { create: "created", delete: "deleted", import: "imported" } as const;

function describe({ action, properties }: Change): Sentence {
  if (action === "create" || action === "delete" || action === "import") return say`${verbs[action]}`;
  if (action === "replace")
    return properties.length === 0 ? say`replaced` : say`replaced for ${list(properties)}`;
  return say`set ${list(properties)}`;
}
