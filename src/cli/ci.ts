// `npm run certify:ci`: certifies an environment as CI does, by looking alone, and leaves what CI systems show.
import { appendFile, mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { certify } from "../certification/certify.ts";
import { merge } from "../certification/merge.ts";
import type { Means } from "../certification/subject.ts";
import { ensureEngine } from "../engine/install.ts";
import { name } from "../environment/name.ts";
import { Problem } from "../environment/problem.ts";
import { writeManifest, writeWhole } from "../manifest/file.ts";
import { junitOf } from "../manifest/junit.ts";
import { markdownOf } from "../manifest/markdown.ts";
import type { Manifest } from "../manifest/model.ts";
import { statusAt } from "../manifest/status.ts";
import { loadSubstrate } from "../substrates/index.ts";
import type { Substrate } from "../substrates/substrate.ts";
import { openDebugLog } from "./debuglog.ts";
import { exitCode, exitCodes } from "./exit.ts";
import { type Command, type Flags, type Given, readFlags } from "./flags.ts";
import { helpOf } from "./help.ts";
import { interruptible } from "./interrupt.ts";
import { print, project } from "./labs.ts";
import { certifying } from "./options.ts";
import { openProgress } from "./progress.ts";
import { choice, meantBy } from "./providers.ts";
import { complain, lineOf, runCommand } from "./run.ts";

/** Where GitHub Actions takes a step's Markdown from (docs.github.com, "Adding a job summary"). */
const summaryFile = "GITHUB_STEP_SUMMARY";

const flags = {
  environment: { kind: "value", shown: "<name>", parse: name, required: true, help: "which environment" },
  topology: { kind: "value", shown: "<name>", parse: name, required: true, help: "its topology" },
  providers: choice,
  "out-dir": {
    kind: "value",
    shown: "<folder>",
    parse: z.string().min(1),
    default: "certification",
    help: "gets manifest.json, junit.xml and summary.md",
  },
  "valid-for": certifying["valid-for"],
  deadline: certifying.deadline,
  "debug-log": certifying["debug-log"],
} as const satisfies Flags;

const command: Command<typeof flags> = {
  name: "npm run certify:ci --",
  summary: "Certifies by looking alone: writes no state, no ledger and nothing at any provider.",
  flags,
};

await runCommand(async () => {
  const asked = readFlags(command, process.argv.slice(2));
  if (asked === "help") {
    print(helpOf(command, process.stdout.columns));
    return 0;
  }
  const cost = "no manifest was written; nothing was changed";
  using interrupt = interruptible({ deadline: asked.deadline, cost, tell: complain });
  using log = openDebugLog(asked["debug-log"], complain);
  const engine = await ensureEngine(complain, interrupt.signal);
  using progress = openProgress({ quiet: false, json: false, verbose: true });
  const { signal } = interrupt;
  const manifest = await certifyAll(asked, {
    ...{ engine, project, signal, progress: progress.report, debug: log.write },
  });
  try {
    await leave(manifest, resolve(asked["out-dir"]));
  } catch (error) {
    // It was looked at, and not all of what was found is where it is looked for.
    complain(lineOf(error));
    return exitCodes.blocked;
  }
  return exitCode(statusAt(manifest, new Date()));
});

type Asked = Given<typeof flags>;

/** By each of the contract's commands side by side, as one manifest. */
async function certifyAll(asked: Asked, means: Means): Promise<Manifest> {
  const substrates = await Promise.all(meantBy(asked, project).map(loadSubstrate));
  const groups = Map.groupBy(substrates, ({ certifier }) => certifier);
  const parts = await Promise.all(
    [...groups].map(([certifier, own]) => certify(requestOf(asked, certifier, own), means)),
  );
  return parts
    .map(({ manifest }) => manifest)
    .reduce((other, own) => merge(own, { origin: "the other certification", manifest: other }));
}

function requestOf({ environment, topology, ...asked }: Asked, certifier: string, substrates: Substrate[]) {
  return {
    ...{ environment, topology, certifier, substrates },
    ...{ repair: false, validFor: asked["valid-for"] },
  };
}

async function leave(manifest: Manifest, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch(unwritable(`--out-dir ${folder}`));
  const summary = markdownOf(manifest, new Date());
  await writeManifest(join(folder, "manifest.json"), manifest);
  const write = (path: string, text: string) => writeWhole(path, text, { subject: path });
  await write(join(folder, "junit.xml"), junitOf(manifest));
  await write(join(folder, "summary.md"), summary);
  const step = process.env[summaryFile];
  if (step !== undefined && step !== "") await appendFile(step, summary).catch(unwritable(summaryFile));
}

function unwritable(subject: string) {
  return (cause: unknown): never => {
    throw new Problem(
      { subject, expected: "a place that can be written to", remedy: "name another" },
      { cause },
    );
  };
}
