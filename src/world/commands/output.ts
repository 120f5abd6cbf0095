// What a command comes to, and what it is computed from.
import type { Machine } from "../machine.ts";
import type { World } from "../world.ts";

/** Exit code and both streams. */
export type Output = { readonly exit: number; readonly stdout: string; readonly stderr: string };

/** Where a command runs. */
type Scene = { readonly world: World; readonly machine: Machine };

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
