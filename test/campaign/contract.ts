// What a campaign is: flags of its own, and an exit code that says whether it came to what is wanted.
import { type Command, type Flags, type Given, readFlags } from "../../src/cli/flags.ts";
import { helpOf } from "../../src/cli/help.ts";

/** Takes the arguments after the campaign's name; 0: as wanted, 1: not. */
export type Campaign = (argv: readonly string[]) => Promise<number>;

/** A campaign with these flags. */
export function campaignOf<const F extends Flags>(
  command: Command<F>,
  run: (asked: Given<F>) => Promise<number>,
): Campaign {
  return async (argv) => {
    const asked = readFlags(command, argv);
    if (asked !== "help") return run(asked);
    print(helpOf(command));
    return 0;
  };
}

/** What the exit codes of every campaign mean. */
export const exits = [
  [0, "every figure is as wanted"],
  [1, "a figure is not as wanted"],
  [2, "wrong usage, or the campaign itself broke"],
] as const;

/** One line, or several, on standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
