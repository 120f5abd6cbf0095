// The certifying commands: flags in, one certification, manifest and exit code out.
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import packageFile from "../../package.json" with { type: "json" };
import { type Certification, certify } from "../certification/certify.ts";
import { holdOn, refusedManifest } from "../certification/held.ts";
import type { Other } from "../certification/merge.ts";
import { publish } from "../certification/publish.ts";
import type { Request } from "../certification/request.ts";
import { ensureEngine } from "../engine/install.ts";
import { writeManifest } from "../manifest/file.ts";
import type { Manifest } from "../manifest/model.ts";
import { readManifest } from "../manifest/read.ts";
import { statusAt } from "../manifest/status.ts";
import { engineFolder } from "../pulumi/folder.ts";
import { loadSubstrates } from "../substrates/index.ts";
import { openDebugLog } from "./debuglog.ts";
import { exitCode, exitCodes } from "./exit.ts";
import { readFlags } from "./flags.ts";
import { helpOf } from "./help.ts";
import { interruptible } from "./interrupt.ts";
import { type Options, optionsOf, refuseContradictions, refuseUnwritable } from "./options.ts";
import { openProgress } from "./progress.ts";
import { complain, lineOf, runCommand } from "./run.ts";

const project = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const [called = "", ...argv] = process.argv.slice(2);
const { table, read } = optionsOf(basename(called), await loadSubstrates());
const command = {
  name: basename(called),
  summary: "Proves that a release environment's substrate is healthy, or repairs it and then proves it.",
  flags: table,
};

/** How long a backend that is slow or locked is waited for once the run was interrupted, in ms. */
const publishing = 3 * 60_000;

const unpublished =
  "the ledger does not hold this certification — run the same command again; --debug-log tells why";

await runCommand(async () => {
  if (argv.includes("--version")) return print(`${command.name} ${packageFile.version}`);
  const given = readFlags(command, argv);
  if (given === "help") return print(helpOf(command, process.stdout.columns));
  const options = read(given);
  refuseContradictions(options);
  await refuseUnwritable(options.out);
  const other = await readOther(options.other);
  const { manifest, failure, lost } = await certifyWith(options, other);
  if (options.json) process.stdout.write(`${JSON.stringify(manifest, undefined, 2)}\n`);
  if (failure !== undefined) complain(failure);
  return lost ? exitCodes.blocked : exitCode(statusAt(manifest, new Date()));
});

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

/** A certification, and in one line why it could not be written down, published or joined: what was looked at is not wrong usage. */
type Done = {
  readonly manifest: Manifest;
  readonly failure?: string;
  /** Whether a flag asked for it; what a repair publishes unasked can be published again. */
  readonly lost?: boolean;
};

/** Certifies, writes the manifest, and publishes it where that is asked for: a repair makes it the current one. */
async function certifyWith(options: Options, other: Other | undefined): Promise<Done> {
  let tell = complain;
  using interrupt = interruptible({
    deadline: options.deadline,
    cost: options.repair
      ? "no manifest, and the repair may be half done with the stack locked; `pulumi cancel` unlocks it"
      : "no manifest was written; nothing was changed",
    tell: (line) => tell(line),
  });
  using log = openDebugLog(options["debug-log"], (line) => tell(line));
  const engine = await engineUnless(interrupt.signal, tell);
  using progress = openProgress(options);
  // From here on the screen is the reporter's.
  tell = (text) => progress.report({ kind: "note", text });
  const { signal } = interrupt;
  const means = { engine, project, signal, progress: progress.report, debug: log.write };
  const request = requestOf(options, other);
  const hold = options.repair ? await holdOn(options.environment, means) : undefined;
  const { manifest, hostKeys, repaired, unjoined }: Certification =
    hold === undefined
      ? await certify(request, means)
      : { manifest: await refusedManifest(request, means, hold), hostKeys: {}, repaired: false };
  const written = await writeManifest(resolve(options.out), manifest).then(asText, asFailure);
  const place = "text" in written ? options.out : "not written down";
  progress.report({ kind: "note", text: `${manifest.status}, until ${manifest.expiresAt}: ${place}` });
  if ("failure" in written) return { manifest, ...written, lost: true };
  // What was certified before still is: nothing was looked at.
  if (hold !== undefined) return { manifest, failure: lineOf(hold.problem) };
  // What a repair has changed is told, interrupted or not.
  const within = repaired ? { ...means, signal: deferred(signal, publishing) } : means;
  const published =
    !(options.repair || options.publish) || (await publish({ manifest, hostKeys, ...written }, within));
  if (unjoined !== undefined) return { manifest, failure: lineOf(unjoined), lost: true };
  return published ? { manifest } : { manifest, failure: unpublished, lost: options.publish };
}

/** Aborts so many ms after another signal. */
function deferred(signal: AbortSignal, ms: number): AbortSignal {
  const controller = new AbortController();
  const begin = () => void setTimeout(() => controller.abort(signal.reason), ms).unref();
  if (signal.aborted) begin();
  else signal.addEventListener("abort", begin, { once: true });
  return controller.signal;
}

function asText(text: string) {
  return { text };
}

function asFailure(error: unknown) {
  return { failure: lineOf(error) };
}

function requestOf(options: Options, other: Other | undefined): Request {
  return {
    ...options,
    certifier: command.name,
    validFor: options["valid-for"],
    runId: options["run-id"],
    routerdCommit: options["routerd-commit"],
    routerdRange: options["routerd-range"],
    labsCommit: options["labs-commit"],
    other,
  };
}

async function readOther(other: Options["other"]): Promise<Other | undefined> {
  if (other === undefined) return undefined;
  return { origin: `--${other.flag} ${other.file}`, manifest: await readManifest(other.file) };
}

/** Interrupted while it is got, the certification goes on to its end, where everything is blocked. */
async function engineUnless(interrupted: AbortSignal, tell: (line: string) => void): Promise<string> {
  try {
    return await ensureEngine(tell, interrupted);
  } catch (error) {
    if (!interrupted.aborted) throw error;
    return join(engineFolder(), "pulumi");
  }
}
