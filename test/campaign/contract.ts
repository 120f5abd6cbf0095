// What every campaign is: arguments in, an exit code out; 1 where a wanted figure is missed.
import { type Command, type Flags, type Given, readFlags } from "../../src/cli/flags.ts";
import { helpOf } from "../../src/cli/help.ts";
import { print } from "../../src/cli/labs.ts";

/** Runs with the arguments after the campaign's name. */
export type Campaign = (argv: readonly string[]) => Promise<number>;

/** A campaign whose arguments are flags. */
export function campaignOf<const F extends Flags>(
  command: Command<F>,
  run: (asked: Given<F>) => Promise<number>,
): Campaign {
  const exits = [
    [0, "every wanted figure was reached"],
    [1, "one was missed"],
    [2, "wrong usage"],
  ] as const;
  return async (argv) => {
    const asked = readFlags(command, argv);
    if (asked !== "help") return run(asked);
    print(helpOf({ ...command, exits }, process.stdout.columns));
    return 0;
  };
}
