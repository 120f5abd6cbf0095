// What a command comes to, and what it is computed from.
import type { Machine } from "../machine.ts";
import type { Medium } from "../medium.ts";
import type { World } from "../world.ts";

/** Exit code and both streams. */
export type Output = { readonly exit: number; readonly stdout: string; readonly stderr: string };

/** Where a command runs. */
export type Scene = {
  readonly world: World;
  readonly machine: Machine;
  readonly root: boolean;
  /** What is mounted where, as this command and those that it starts see it. */
  readonly mounts: ReadonlyMap<string, Medium>;
  /** Runs another command. */
  readonly run: (scene: Scene, argv: readonly string[]) => Output;
};

/** A command, given the words after its name. */
export type Command = (scene: Scene, words: readonly string[]) => Output;

/** Success. */
export function prints(stdout: string): Output {
  return { exit: 0, stdout, stderr: "" };
}

/** Failure, with what goes to stderr. */
export function fails(exit: number, stderr: string): Output {
  return { exit, stdout: "", stderr };
}
