// How certifying grows with the stacks that are certified at once: labs side by side, each with its own commands.
import { substrateNames } from "../src/substrates/index.ts";
import type { Cost } from "./cost.ts";
import { clouds, openShell, type Shell } from "./shell.ts";
import { timed } from "./time.ts";

/** Of so many stacks at once. */
export type StacksCost = {
  /** Milliseconds. */
  readonly wall: number;
  readonly commands: readonly Cost[];
};

/** Labs side by side, with room for so many stacks. */
export async function openShells(
  project: string,
  stacks: number,
): Promise<AsyncDisposable & { all: Shell[] }> {
  await using opening = new AsyncDisposableStack();
  const all: Shell[] = [];
  for (let room = 0; room < stacks; room += substrateNames.length)
    all.push(opening.use(await openShell(project)));
  const closing = opening.move();
  return { all, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

/** Certifies so many stacks at once, as people do: one command for PVE and one for the clouds of each lab. */
export function certifyStacks(shells: readonly Shell[], stacks: number): Promise<StacksCost> {
  return atOnce(shells, stacks, (shell, names) => {
    const far = names.filter((name) => clouds.includes(name));
    const near = names.filter((name) => !far.includes(name));
    return [near, far].filter(({ length }) => length > 0).map((own) => shell.certify(own));
  });
}

/** Previews the same stacks at once. */
export function previewStacks(shells: readonly Shell[], stacks: number): Promise<StacksCost> {
  return atOnce(shells, stacks, (shell, names) => names.map(shell.preview));
}

async function atOnce(
  shells: readonly Shell[],
  stacks: number,
  start: (shell: Shell, names: readonly string[]) => readonly Promise<Cost>[],
): Promise<StacksCost> {
  let commands: readonly Cost[] = [];
  const wall = await timed(async () => {
    const begun = shells.flatMap((shell, index) =>
      start(shell, substrateNames.slice(0, Math.max(0, stacks - index * substrateNames.length))),
    );
    commands = await Promise.all(begun);
  });
  return { wall, commands };
}
