// The gate's command: flags in; every refusal as a line, or the word that the qualification may start.
import { fileURLToPath } from "node:url";
import { z } from "zod";
import packageFile from "../../package.json" with { type: "json" };
import { duration } from "../environment/duration.ts";
import { name } from "../environment/name.ts";
import { lineOf, Problem } from "../environment/problem.ts";
import { release } from "../environment/release.ts";
import { visible } from "../environment/visible.ts";
import { type Admission, preflight } from "../gate/preflight.ts";
import { msOf } from "../manifest/instant.ts";
import { exitCodes } from "./exit.ts";
import { type Command, type Flags, type Given, readFlags } from "./flags.ts";
import { helpOf } from "./help.ts";
import { interruptible } from "./interrupt.ts";
import { providers } from "./providers.ts";
import { complain, runCommand } from "./run.ts";

/** A backend or a pipe that has said nothing by then says nothing, in ms. */
const deadline = 2 * 60_000;

const flags = {
  certification: {
    kind: "value",
    shown: "<manifest.json>",
    parse: z.string().min(1),
    required: true,
    most: 2,
    dash: true,
    help: "the manifest; `-` reads standard input, `ledger` the ledger; twice for two that are judged as one",
  },
  environment: {
    kind: "value",
    shown: "<name>",
    parse: name,
    required: true,
    help: "the environment that the release is to be qualified on",
  },
  topology: {
    kind: "value",
    shown: "<name>",
    parse: name,
    required: true,
    help: "the topology that it needs",
  },
  providers: {
    kind: "value",
    shown: "<name,…>",
    parse: providers,
    required: true,
    help: "exactly the providers that must be certified",
  },
  release: {
    kind: "value",
    shown: "<version-or-commit>",
    parse: release,
    help: "the release; must be what the certification is bound to, where it is bound",
  },
  repo: {
    kind: "value",
    shown: "<folder>",
    parse: z.string().min(1),
    help: "a clone that knows the release, to ask git about versions and ranges",
  },
  "max-age": {
    kind: "value",
    shown: "<duration>",
    parse: duration,
    help: "refuse certifications that were issued longer ago",
  },
  offline: { kind: "boolean", help: "do not ask the backend for states and the ledger" },
  json: { kind: "boolean", help: "print what was judged as JSON on standard output, and nothing else there" },
  version: { kind: "boolean", help: "print the version" },
} as const satisfies Flags;

const command: Command<typeof flags> = {
  name: "release-environment-preflight.sh",
  summary: "Says whether a release qualification may start on a certified environment. Reads only.",
  flags,
  exits: [
    [exitCodes.certified, "it may start"],
    [exitCodes.failed, "it may not: every reason is listed"],
    [exitCodes.usage, "wrong usage; nothing was judged"],
    [exitCodes.blocked, "it may not, only because something could not be looked at"],
  ],
};

await runCommand(async () => {
  const argv = process.argv.slice(2);
  if (argv.includes("--version")) return print(`${command.name} ${packageFile.version}`);
  const asked = readFlags(command, argv);
  if (asked === "help") return print(helpOf(command, process.stdout.columns));
  refuseContradictions(asked);
  using interrupt = interruptible({ deadline, cost: "nothing; nothing was changed", tell: complain });
  const now = new Date();
  const admission = await preflight(
    { ...asked, certifications: asked.certification, maxAge: asked["max-age"] },
    {
      project: fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, ""),
      input: process.stdin,
      now,
      signal: interrupt.signal,
    },
  ).catch(inTime);
  if (asked.json) print(JSON.stringify(summaryOf(admission, asked, now), undefined, 2));
  else tell(admission, asked);
  return codeOf(admission);
});

type Asked = Given<typeof flags>;

function refuseContradictions({ certification, offline }: Asked): void {
  const ledger = certification.includes("ledger");
  const twice = certification.length === 2 && (ledger || certification[0] === certification[1]);
  if (!twice && !(ledger && offline)) return;
  throw new Problem({
    subject: twice ? "--certification" : "--certification ledger and --offline",
    expected: twice ? "two different manifests, or the ledger alone" : "one of them",
    actual: twice ? certification.join(" and ") : "both",
    remedy: "leave one out",
  });
}

function inTime(error: unknown): never {
  if (!(error instanceof DOMException) || error.name !== "TimeoutError") throw error;
  const remedy = "see whether standard input ends and the backend answers";
  throw new Problem(
    { subject: command.name, expected: "all answers within 2 minutes", remedy },
    { cause: error },
  );
}

function tell({ refusals, notes, certified }: Admission, { environment, topology, providers }: Asked): void {
  for (const note of notes) complain(`note: ${visible(note)}`);
  for (const refusal of refusals) complain(`refused: ${lineOf(refusal)}`);
  const what = `${environment}, ${topology}, ${providers.join(",")}`;
  if (refusals.length > 0)
    complain(`release qualification must not start on ${what}: ${counted(refusals.length)}`);
  else print(`release qualification may start on ${what}, until ${untilOf(certified)}`);
}

function counted(refusals: number): string {
  return refusals === 1 ? "1 reason" : `${refusals} reasons`;
}

/** The first that expires. */
function untilOf(certified: Admission["certified"]): string {
  const times = certified.map(({ manifest }) => new Date(msOf(manifest.expiresAt)).toISOString());
  return times.toSorted()[0] ?? "";
}

function summaryOf({ certified, refusals, notes }: Admission, asked: Asked, now: Date) {
  const { environment, topology, providers, release, offline } = asked;
  return {
    allowed: refusals.length === 0,
    judgedAt: now.toISOString(),
    ...{ environment, topology, providers, release, offline },
    certifications: certified.map(({ source, sha256, manifest }) => {
      const { manifestId, status, issuedAt, expiresAt } = manifest;
      return { source, manifestId, sha256, status, issuedAt, expiresAt };
    }),
    refusals: refusals.map((refusal) => ({ ...refusal, line: lineOf(refusal) })),
    notes,
  };
}

function codeOf({ refusals }: Admission): number {
  if (refusals.length === 0) return exitCodes.certified;
  return refusals.every(({ unseen }) => unseen === true) ? exitCodes.blocked : exitCodes.failed;
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}
