// Asks the backend, by the engine that is on this machine. Loaded only where it is to be asked.
import { stateDigest } from "../certification/versions.ts";
import { Unreadable } from "../check/unreadable.ts";
import { readCheckpoint } from "../engine/checkpoint.ts";
import { stackOf } from "../environment/stack.ts";
import { readLedger } from "../ledger/ledger.ts";
import type { Asking } from "../pulumi/command.ts";
import { engineFolder, isWhole } from "../pulumi/folder.ts";
import type { Backend, State } from "./backend.ts";
import type { Means, Request } from "./request.ts";

/** The engine that is here, as the one who asks; none where there is none. */
export async function askingBy({
  project,
  signal,
}: Pick<Means, "project" | "signal">): Promise<Asking | undefined> {
  const folder = engineFolder();
  return (await isWhole(folder)) ? { engine: `${folder}/pulumi`, project, signal } : undefined;
}

/** Asks for the ledger and all stacks at once. */
export async function askBackend(
  { environment, providers }: Pick<Request, "environment" | "providers">,
  asking: Asking,
): Promise<Backend> {
  const [ledger, ...states] = await Promise.all([
    readLedger(environment, asking).catch(asUnreadable),
    ...providers.map((substrate) => readState(stackOf({ environment, substrate }), asking)),
  ]);
  asking.signal.throwIfAborted();
  return { ledger, states: new Map(providers.map((provider, index) => [provider, states[index]])) };
}

async function readState(stack: string, asking: Asking): Promise<State | Unreadable> {
  try {
    const checkpoint = await readCheckpoint(stack, asking);
    return checkpoint === undefined ? undefined : stateDigest(checkpoint);
  } catch (error) {
    return asUnreadable(error);
  }
}

function asUnreadable(error: unknown): Unreadable {
  if (error instanceof Unreadable) return error;
  throw error;
}
