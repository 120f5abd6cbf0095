// `npm run status -- --environment <name>`: what is certified in an environment, until when, and by which manifest.
import { Unreadable } from "../check/unreadable.ts";
import { name } from "../environment/name.ts";
import { Problem } from "../environment/problem.ts";
import { ledgerOf } from "../environment/stack.ts";
import { inForce, sayFreeze } from "../freeze.ts";
import { askingBy } from "../gate/ask.ts";
import { type Standing, standingOf } from "../gate/standing.ts";
import { type Ledger, readLedger } from "../ledger/ledger.ts";
import { wayOut } from "../pulumi/command.ts";
import { exitCodes } from "./exit.ts";
import { type Command, type Flags, readFlags } from "./flags.ts";
import { helpOf } from "./help.ts";
import { interruptible } from "./interrupt.ts";
import { print, project } from "./labs.ts";
import { substratesOf } from "./providers.ts";
import { complain, runCommand } from "./run.ts";

const flags = {
  environment: { kind: "value", shown: "<name>", parse: name, required: true, help: "which environment" },
  json: { kind: "boolean", help: "print it as JSON" },
} as const satisfies Flags;

const command: Command<typeof flags> = {
  name: "npm run status --",
  summary: "Says what is certified, until when and by which manifest, as the environment's ledger has it.",
  flags,
  exits: [
    [exitCodes.certified, "the ledger was read"],
    [exitCodes.usage, "wrong usage, or no such environment"],
    [exitCodes.blocked, "the ledger could not be read"],
  ],
};

await runCommand(async () => {
  const asked = readFlags(command, process.argv.slice(2));
  if (asked === "help") {
    print(helpOf(command, process.stdout.columns));
    return 0;
  }
  const ledger = await currentOf(asked.environment);
  if (ledger instanceof Unreadable) {
    complain(`error: the ledger could not be read — ${wayOut(ledger, ledgerOf(asked.environment))}`);
    return exitCodes.blocked;
  }
  const now = new Date();
  const standing = standingOf(substratesOf(asked.environment, project), ledger.certifications, now);
  const freeze = inForce(ledger.freeze, now);
  if (standing.length === 0) throw unknown(asked.environment);
  if (asked.json)
    print(JSON.stringify({ environment: asked.environment, freeze, substrates: standing }, undefined, 2));
  else {
    for (const one of standing) print(lineOf(one));
    if (freeze !== undefined) print(`frozen   until ${freeze.until}  by ${sayFreeze(freeze)}`);
  }
  return 0;
});

/** Or why the backend does not tell. */
async function currentOf(environment: string): Promise<Ledger | Unreadable> {
  using interrupt = interruptible({ deadline: 2 * 60_000, cost: "nothing", tell: complain });
  const asking = await askingBy({ project, signal: interrupt.signal });
  if (asking === undefined)
    throw new Problem({
      subject: "engine",
      expected: "the pulumi CLI on this machine",
      remedy: "run `npm run engine`",
    });
  try {
    return await readLedger(environment, asking);
  } catch (error) {
    interrupt.signal.throwIfAborted();
    if (error instanceof Unreadable) return error;
    throw error;
  }
}

function unknown(environment: string): Problem {
  const remedy = "name an environment that has stack config";
  return new Problem({ subject: `environment ${environment}`, expected: "stack config or a ledger", remedy });
}

function lineOf({ substrate, certification }: Standing): string {
  const begin = substrate.padEnd(8);
  if (certification === undefined) return `${begin} not certified`;
  const { status, expiresAt, manifestId } = certification;
  return `${begin} ${status.padEnd(8)} until ${expiresAt}  by ${manifestId}`;
}
