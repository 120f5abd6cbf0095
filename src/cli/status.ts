// `npm run status -- --environment <name>`: what is certified in an environment, until when, and by which manifest.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Unreadable } from "../check/unreadable.ts";
import { name } from "../environment/name.ts";
import { Problem } from "../environment/problem.ts";
import { configFile, stackOf } from "../environment/stack.ts";
import { askingBy } from "../gate/ask.ts";
import { type Standing, standingOf } from "../gate/standing.ts";
import { type Certifications, readLedger } from "../ledger/ledger.ts";
import { substrateNames } from "../substrates/index.ts";
import { exitCodes } from "./exit.ts";
import { type Command, type Flags, readFlags } from "./flags.ts";
import { helpOf } from "./help.ts";
import { interruptible } from "./interrupt.ts";
import { print, project } from "./labs.ts";
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
  const certifications = await currentOf(asked.environment);
  if (certifications === undefined) {
    complain("error: the ledger could not be read — see what `pulumi whoami -v` says and log in");
    return exitCodes.blocked;
  }
  const standing = standingOf(substratesOf(asked.environment), certifications, new Date());
  if (standing.length === 0) throw unknown(asked.environment);
  if (asked.json)
    print(JSON.stringify({ environment: asked.environment, substrates: standing }, undefined, 2));
  else for (const one of standing) print(lineOf(one));
  return 0;
});

/** None where the backend does not answer. */
async function currentOf(environment: string): Promise<Certifications | undefined> {
  using interrupt = interruptible({ deadline: 2 * 60_000, cost: "nothing", tell: complain });
  const asking = await askingBy({ project, signal: interrupt.signal });
  if (asking === undefined)
    throw new Problem({
      subject: "engine",
      expected: "the pulumi CLI on this machine",
      remedy: "run `npm run engine`",
    });
  try {
    return (await readLedger(environment, asking)).certifications;
  } catch (error) {
    interrupt.signal.throwIfAborted();
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

/** Those that the environment has stack config for. */
function substratesOf(environment: string): readonly string[] {
  return substrateNames.filter((substrate) =>
    existsSync(join(project, configFile(stackOf({ environment, substrate })))),
  );
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
