// The qualification's command: flags in; one result, written and told; whose failure it is as the exit code.
import { resolve } from "node:path";
import { z } from "zod";
import packageFile from "../../package.json" with { type: "json" };
import { ensureEngine } from "../engine/install.ts";
import { duration } from "../environment/duration.ts";
import { Problem } from "../environment/problem.ts";
import { release } from "../environment/release.ts";
import { visible } from "../environment/visible.ts";
import type { Ended } from "../qualification/ending.ts";
import type { Classification, QualificationResult } from "../qualification/result.ts";
import { smoke } from "../qualification/smoke.ts";
import { argv } from "./argv.ts";
import { openDebugLog } from "./debuglog.ts";
import { exitCodes } from "./exit.ts";
import { type Command, type Flags, type Given, readFlags } from "./flags.ts";
import { helpOf } from "./help.ts";
import { interruptible } from "./interrupt.ts";
import { print, project } from "./labs.ts";
import { refuseUnwritable } from "./options.ts";
import { complain, runCommand } from "./run.ts";

const text = z.string().min(1);
const time = (help: string, ms: string) =>
  ({ kind: "value", shown: "<duration>", parse: duration, default: ms, help }) as const;
const own = (help: string) => ({ kind: "value", shown: "<command>", parse: argv, help }) as const;
const file = (shown: string, help: string) => ({ kind: "value", shown, parse: text, help }) as const;

const flags = {
  certification: {
    ...file("<manifest.json>", "the manifest that allows it; twice for two that are judged as one"),
    ...({ required: true, most: 2 } as const),
  },
  release: {
    kind: "value",
    shown: "<version-or-commit>",
    parse: release,
    required: true,
    help: "the release that is qualified; must be what the certification is bound to, where it is bound",
  },
  out: { ...file("<qualification-result.json>", "where to write the result"), required: true },
  repo: file("<folder>", "a clone that knows the release, to ask git about versions and ranges"),
  "max-age": {
    kind: "value",
    shown: "<duration>",
    parse: duration,
    help: "refuse certifications that were issued longer ago",
  },
  ttl: time("for the whole run", "75m"),
  heartbeat: time("between two looks at the substrate while the product is tried", "30s"),
  "heartbeat-stale": time("without a sign of life, after which the watchdog ends the run", "5m"),
  patience: time("that the product may take to converge", "2m"),
  "evidence-dir": file("<folder>", "private logs of all commands; beside the result where it is left out"),
  "qualification-command": own("what tries the product, in the place of our own checks"),
  "cleanup-command": own("what removes what the run has left"),
  "inventory-command": own("what proves that exactly what is declared is there"),
  json: { kind: "boolean", help: "print the result on standard output, and nothing else there" },
  "debug-log": file("<file>", "raw text of engine and far ends; private"),
  version: { kind: "boolean", help: "print the version" },
} as const satisfies Flags;

const codes = {
  none: exitCodes.certified,
  product_failure: exitCodes.failed,
  infra_failure: exitCodes.blocked,
  preflight_failure: 4,
} as const satisfies Record<Classification, number>;

const command: Command<typeof flags> = {
  name: "release-qualification-smoke.sh",
  summary:
    "Qualifies a release on a certified environment, which it freezes meanwhile and never repairs. " +
    'Commands are a path, or a JSON list of words: ["program","argument"]; no shell reads them.',
  flags,
  exits: [
    [codes.none, "the release has passed"],
    [codes.product_failure, "product failure, on a substrate that is still whole"],
    [exitCodes.usage, "wrong usage; nothing was started"],
    [
      codes.infra_failure,
      "infrastructure failure: nothing is known about the product; or no result could be written",
    ],
    [codes.preflight_failure, "the run was not allowed to start"],
  ],
};

await runCommand(async () => {
  const given = process.argv.slice(2);
  if (given.includes("--version")) return say(`${command.name} ${packageFile.version}`);
  const asked = readFlags(command, given);
  if (asked === "help") return say(helpOf(command, process.stdout.columns));
  refuseContradictions(asked);
  await refuseUnwritable(asked.out);
  const { result, unwritten } = await qualify(asked);
  if (asked.json) print(JSON.stringify(result, undefined, 2));
  else tell(result, unwritten === undefined ? asked.out : "not written down");
  if (unwritten === undefined) return codes[result.classification];
  complain(`error: ${unwritten}`);
  return exitCodes.blocked;
});

type Asked = Given<typeof flags>;

function refuseContradictions(asked: Asked): void {
  const { heartbeat, ttl, "heartbeat-stale": stale } = asked;
  if (2 * heartbeat <= stale && stale < ttl) return;
  throw new Problem({
    subject: "--heartbeat, --heartbeat-stale and --ttl",
    expected: "at least two heartbeats before one is stale, and that before the run's end",
    remedy: "make --heartbeat shorter, or the others longer",
  });
}

async function qualify(asked: Asked): Promise<Ended> {
  using interrupt = interruptible({
    // The watchdog ends a run in time; this is for one that is lost with it.
    deadline: asked.ttl + 3_600_000,
    cost: "nothing: the watchdog ends the run and writes its result",
    tell: complain,
  });
  using log = openDebugLog(asked["debug-log"], complain);
  const out = resolve(asked.out);
  // Awaited, or interrupts and the log would be let go of before the run has begun.
  return await smoke(
    {
      ...asked,
      ...{ out, certifications: asked.certification.map((one) => resolve(one)), maxAge: asked["max-age"] },
      evidence: resolve(asked["evidence-dir"] ?? `${out.replace(/\.json$/, "")}.evidence`),
      stale: asked["heartbeat-stale"],
      commands: {
        qualification: asked["qualification-command"],
        cleanup: asked["cleanup-command"],
        inventory: asked["inventory-command"],
      },
    },
    {
      engine: await ensureEngine(complain, interrupt.signal),
      ...{ project, signal: interrupt.signal, say: complain, debug: log.write },
    },
  );
}

function tell({ classification, checks, runId, release }: QualificationResult, out: string): void {
  for (const { name, provider, target, result, summary = "" } of checks)
    if (result !== "pass")
      complain(`${result}: ${[provider, name, target].filter(Boolean).join(" ")}: ${visible(summary)}`);
  const passed = checks.filter(({ result }) => result === "pass").length;
  const outcome = classification === "none" ? "pass" : classification;
  print(`${outcome}: ${release} in ${runId}, ${passed} of ${checks.length} checks pass: ${out}`);
}

function say(line: string): number {
  print(line);
  return 0;
}
