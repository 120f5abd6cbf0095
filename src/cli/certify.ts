// The certifying commands: flags in, one certification, manifest and exit code out.
import { access, constants, stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import packageFile from "../../package.json" with { type: "json" };
import { certify } from "../certification/certify.ts";
import { ensureEngine } from "../engine/install.ts";
import { duration } from "../environment/duration.ts";
import { name } from "../environment/name.ts";
import { Problem } from "../environment/problem.ts";
import { runId } from "../environment/run.ts";
import { writeManifest } from "../manifest/file.ts";
import type { Manifest } from "../manifest/model.ts";
import { substratesOf } from "../substrates/index.ts";
import { openDebugLog } from "./debuglog.ts";
import { exitCode } from "./exit.ts";
import { type Command, type Flags, type Given, readFlags } from "./flags.ts";
import { helpOf } from "./help.ts";
import { interruptible } from "./interrupt.ts";
import { openProgress } from "./progress.ts";
import { complain, runCommand } from "./run.ts";

const project = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const commit = z.string().regex(/^[0-9a-f]{7,40}$/, "a commit of 7 to 40 lower case hex digits");
const range = z
  .string()
  .regex(/^[0-9a-f]{7,40}\.\.[0-9a-f]{7,40}$/, "a commit range such as 0123abc..4567def");
const validity = duration.refine((ms) => ms <= 168 * 3_600_000, "at most 168h");

const flags = {
  environment: {
    kind: "value",
    shown: "<name>",
    parse: name,
    required: true,
    help: "the environment to certify",
  },
  topology: {
    kind: "value",
    shown: "<name>",
    parse: name,
    required: true,
    help: "the topology that it must be configured for",
  },
  out: {
    kind: "value",
    shown: "<manifest.json>",
    parse: z.string().min(1),
    required: true,
    help: "where to write the manifest",
  },
  repair: { kind: "boolean", help: "repair what differs from the declaration, then look again" },
  "valid-for": {
    kind: "value",
    shown: "<duration>",
    parse: validity,
    default: "24h",
    help: "how long a pass is valid, at most 168h",
  },
  "run-id": {
    kind: "value",
    shown: "<id>",
    parse: runId,
    help: "the release run that a repair tags the substrate with",
  },
  "routerd-commit": {
    kind: "value",
    shown: "<commit>",
    parse: commit,
    help: "the routerd commit that this is for",
  },
  "routerd-range": {
    kind: "value",
    shown: "<base..head>",
    parse: range,
    help: "the routerd commits that this is for",
  },
  "labs-commit": {
    kind: "value",
    shown: "<commit>",
    parse: commit,
    help: "the commit of the lab's own scripts",
  },
  deadline: {
    kind: "value",
    shown: "<duration>",
    parse: duration,
    default: "30m",
    help: "for the whole run",
  },
  json: { kind: "boolean", help: "print the manifest on standard output, and nothing else there" },
  quiet: { kind: "boolean", help: "say nothing but errors" },
  verbose: { kind: "boolean", help: "say also when each check begins" },
  "debug-log": {
    kind: "value",
    shown: "<file>",
    parse: z.string().min(1),
    help: "raw text of engine and far ends; private",
  },
  version: { kind: "boolean", help: "print the version" },
} as const satisfies Flags;

type Options = Given<typeof flags>;

const [called = "", ...argv] = process.argv.slice(2);
const command: Command<typeof flags> = {
  name: basename(called),
  summary: "Proves that a release environment's substrate is healthy, or repairs it and then proves it.",
  flags,
};

await runCommand(async () => {
  if (argv.includes("--version")) return print(`${command.name} ${packageFile.version}`);
  const options = readFlags(command, argv);
  if (options === "help") return print(helpOf(command, process.stdout.columns));
  refuseContradictions(options);
  await refuseUnwritable(options.out);
  const manifest = await certifyWith(options);
  await writeManifest(resolve(options.out), manifest);
  if (options.json) process.stdout.write(`${JSON.stringify(manifest, undefined, 2)}\n`);
  return exitCode(manifest.status);
});

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

async function certifyWith(options: Options): Promise<Manifest> {
  let tell = complain;
  using interrupt = interruptible({
    deadline: options.deadline,
    cost: options.repair
      ? "no manifest, and the repair may be half done with the stack locked; `pulumi cancel` unlocks it"
      : "no manifest was written; nothing was changed",
    tell: (line) => tell(line),
  });
  using log = openDebugLog(options["debug-log"]);
  const substrates = await substratesOf(command.name);
  const engine = await ensureEngine(tell, interrupt.signal);
  using progress = openProgress(options);
  // From here on the screen is the reporter's.
  tell = (text) => progress.report({ kind: "note", text });
  const manifest = await certify(
    {
      ...options,
      certifier: command.name,
      substrates,
      validFor: options["valid-for"],
      runId: options["run-id"],
      routerdCommit: options["routerd-commit"],
      routerdRange: options["routerd-range"],
      labsCommit: options["labs-commit"],
    },
    { engine, project, signal: interrupt.signal, progress: progress.report, debug: log.write },
  );
  progress.report({ kind: "note", text: `${manifest.status}, until ${manifest.expiresAt}: ${options.out}` });
  return manifest;
}

function refuseContradictions(options: Options): void {
  if (options["routerd-commit"] !== undefined && options["routerd-range"] !== undefined)
    contradict("--routerd-commit", "--routerd-range");
  if (options.quiet && options.verbose) contradict("--quiet", "--verbose");
}

function contradict(one: string, other: string): never {
  throw new Problem({
    subject: `${one} and ${other}`,
    expected: "one of them",
    actual: "both",
    remedy: "leave one out",
  });
}

/** Before anything is looked at: a certification that can not be written down would be lost. */
async function refuseUnwritable(out: string): Promise<void> {
  const path = resolve(out);
  const isDirectory = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const writable = await access(dirname(path), constants.W_OK).then(
    () => true,
    () => false,
  );
  if (writable && !isDirectory) return;
  throw new Problem({
    subject: `--out ${out}`,
    expected: "a file in a directory that can be written to",
    remedy: "name another file",
  });
}
