// `npm run teardown -- --environment <name>`: takes an environment's substrates away and proves that nothing is left.
import { holdOn } from "../certification/held.ts";
import { openNamed } from "../certification/open.ts";
import type { Means } from "../certification/subject.ts";
import { type TornDown, tearDown } from "../certification/teardown.ts";
import { ensureEngine } from "../engine/install.ts";
import { duration } from "../environment/duration.ts";
import { name } from "../environment/name.ts";
import { type Run, runId } from "../environment/run.ts";
import { openDebugLog } from "./debuglog.ts";
import { exitCodes } from "./exit.ts";
import { type Command, type Flags, type Given, readFlags } from "./flags.ts";
import { helpOf } from "./help.ts";
import { interruptible } from "./interrupt.ts";
import { print, project } from "./labs.ts";
import { certifying } from "./options.ts";
import { choice, meantBy } from "./providers.ts";
import { complain, lineOf, runCommand } from "./run.ts";

const flags = {
  environment: { kind: "value", shown: "<name>", parse: name, required: true, help: "which environment" },
  providers: choice,
  "run-id": {
    kind: "value",
    shown: "<id>",
    parse: runId,
    help: "the run to look for, where the stack tells none any more",
  },
  deadline: {
    kind: "value",
    shown: "<duration>",
    parse: duration,
    default: "60m",
    help: "for everything together",
  },
  "debug-log": certifying["debug-log"],
} as const satisfies Flags;

const command: Command<typeof flags> = {
  name: "npm run teardown --",
  summary: "Destroys an environment's substrates and proves that nothing of the run is left.",
  flags,
  exits: [
    [exitCodes.certified, "nothing is left, and that is proven"],
    [exitCodes.failed, "something is left"],
    [exitCodes.usage, "wrong usage or configuration; nothing was destroyed"],
    [exitCodes.blocked, "a release run holds the environment still, or it can not be told what is left"],
  ],
};

await runCommand(async () => {
  const asked = readFlags(command, process.argv.slice(2));
  if (asked === "help") {
    print(helpOf(command, process.stdout.columns));
    return 0;
  }
  using interrupt = interruptible({
    deadline: asked.deadline,
    cost: "half of it may still be there, with the stack locked; `pulumi cancel` unlocks it",
    tell: complain,
  });
  using log = openDebugLog(asked["debug-log"], complain);
  const engine = await ensureEngine(complain, interrupt.signal);
  const means = { engine, project, signal: interrupt.signal, progress: tell, debug: log.write };
  const place = { environment: asked.environment, repair: false };
  const subjects = await openNamed(place, meantBy(asked, project), means);
  const hold = await holdOn(asked.environment, means, "teardown");
  if (hold !== undefined) {
    complain(lineOf(hold.problem));
    return exitCodes.blocked;
  }
  const run = runOf(asked);
  // Side by side: a cloud that does not answer holds up no other.
  const gone = await Promise.all(subjects.map((subject) => tearDown(subject, means, run)));
  for (const one of gone) print(`${one.stack.padEnd(16)} ${lineFor(one)}`);
  return codeOf(gone);
});

/** The one that a person names; only its ID is looked for. */
function runOf({ "run-id": id }: Given<typeof flags>): Run | undefined {
  return id === undefined ? undefined : { id, expiresAt: new Date().toISOString() };
}

function tell(event: Parameters<Means["progress"]>[0]): void {
  if (event.kind === "phase" || event.kind === "note") complain(event.text);
}

function lineFor({ result, summary, kept }: TornDown): string {
  const state = { pass: "gone", fail: "left", blocked: "unknown", skipped: "unknown" }[result];
  const stays = kept.length === 0 ? "" : `; kept, as they were there before: ${kept.join(", ")}`;
  return `${state.padEnd(8)} ${summary}${stays}`;
}

function codeOf(gone: readonly TornDown[]): number {
  if (gone.some(({ result }) => result === "fail")) return exitCodes.failed;
  const proven = gone.length > 0 && gone.every(({ result }) => result === "pass");
  return proven ? exitCodes.certified : exitCodes.blocked;
}
