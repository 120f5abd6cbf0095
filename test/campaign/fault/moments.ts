// The commands that are disturbed, and by which of their lines one knows that a phase of theirs has begun.

/** A certification that only looks, one that repairs, one that looks and publishes, and a qualification. */
export type Command = "look" | "repair" | "publish" | "smoke";

/** How a phase shows: with the process, in a line of output, or in the first draft of the evidence beside its file. */
export type Sign = "process" | RegExp | "draft";

/** Phases of each command, in the order in which they come. */
const moments = {
  look: {
    begin: "process",
    preview: /^phase +looking at/,
    inventory: /^start +\w+\.inventory/,
    probe: /^start +g\.hostname/,
    write: "draft",
  },
  repair: {
    begin: "process",
    preview: /^phase +looking at/,
    inventory: /^start +\w+\.inventory/,
    probe: /^start +g\.hostname/,
    // By the engine, or by hand where the engine sees nothing.
    up: /^phase +(repairing|making anew)|about to/,
    "re-check": /^phase +looking at \S+ again/,
    write: "draft",
    publish: /^phase +publishing/,
  },
  publish: { publish: /^phase +publishing/ },
  smoke: {
    begin: "process",
    freeze: /^freezing/,
    compare: /^comparing/,
    product: /^asking/,
    end: /^ending/,
  },
} as const satisfies Readonly<Record<Command, Readonly<Record<string, Sign>>>>;

/** A phase of some command. */
export type Phase = { [C in Command]: keyof (typeof moments)[C] }[Command];

/** What shows a phase; throws where the command has none of that name. */
export function signOf(command: Command, phase: Phase): Sign {
  const found = new Map<string, Sign>(Object.entries(moments[command])).get(phase);
  if (found === undefined) throw new TypeError(`${command} has no phase ${phase}`);
  return found;
}

/** Every phase of every command. */
export const everyMoment: readonly { readonly command: Command; readonly phase: Phase }[] = [
  ...phasesOf("look"),
  ...phasesOf("repair"),
  ...phasesOf("publish"),
  ...phasesOf("smoke"),
];

function phasesOf<C extends Command>(command: C) {
  const isPhase = (word: string): word is Phase & string => Object.hasOwn(moments[command], word);
  return Object.keys(moments[command])
    .filter(isPhase)
    .map((phase) => ({ command, phase }));
}
