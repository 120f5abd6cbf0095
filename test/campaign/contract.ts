// What every campaign is: arguments in, an exit code out; 1 where a wanted figure is missed.
import { z } from "zod";
import { type Command, type Flags, type Given, readFlags } from "../../src/cli/flags.ts";
import { helpOf } from "../../src/cli/help.ts";
import { print } from "../../src/cli/labs.ts";

/** Runs with the arguments after the campaign's name. */
export type Campaign = (argv: readonly string[]) => Promise<number>;

/** A whole number from 1 on. */
export const count = z.coerce.number<string>().int().min(1, "a whole number");

/** A flag that takes a {@link count}. */
export function counted(text: string, help: string) {
  return { kind: "value", shown: "<n>", parse: count, default: text, help } as const;
}

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
