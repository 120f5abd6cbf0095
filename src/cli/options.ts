// What the certifying commands can be asked: their flags, and what may not be asked together.
import { access, constants, lstat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { duration } from "../environment/duration.ts";
import { name } from "../environment/name.ts";
import { Problem } from "../environment/problem.ts";
import { runId } from "../environment/run.ts";
import type { Flags, Given } from "./flags.ts";

const commit = z.string().regex(/^[0-9a-f]{7,40}$/, "a commit of 7 to 40 lower case hex digits");
const range = z
  .string()
  .regex(/^[0-9a-f]{7,40}\.\.[0-9a-f]{7,40}$/, "a commit range such as 0123abc..4567def");
const validity = duration.refine((ms) => ms <= 168 * 3_600_000, "at most 168h");

/** The certifying commands' flags. */
export const flags = {
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
  publish: {
    kind: "boolean",
    help: "record the manifest in the environment's ledger as the current one; --repair does so anyway",
  },
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
  "cloud-certification": {
    kind: "value",
    shown: "<manifest.json>",
    parse: z.string().min(1),
    help: "the same environment's manifest by the cloud's command, to join this one",
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

/** Their values. */
export type Options = Given<typeof flags>;

/** Throws `Problem` for flags that exclude each other, and files that would overwrite each other. */
export function refuseContradictions(options: Options): void {
  if (options["routerd-commit"] !== undefined && options["routerd-range"] !== undefined)
    contradict("--routerd-commit", "--routerd-range");
  if (options.quiet && options.verbose) contradict("--quiet", "--verbose");
  for (const flag of ["debug-log", "cloud-certification"] as const)
    if (resolve(options.out) === resolve(options[flag] ?? "")) refuseOneFile("--out", `--${flag}`);
}

function contradict(one: string, other: string): never {
  throw new Problem({
    subject: `${one} and ${other}`,
    expected: "one of them",
    actual: "both",
    remedy: "leave one out",
  });
}

function refuseOneFile(one: string, other: string): never {
  throw new Problem({
    subject: `${one} and ${other}`,
    expected: "two files",
    actual: "one",
    remedy: "name another file",
  });
}

/** Before anything is looked at: a certification that can not be written down would be lost. */
export async function refuseUnwritable(out: string): Promise<void> {
  const path = resolve(out);
  // What is no file (a directory, a device, a link) is not replaced by one.
  const isFree = await lstat(path).then(
    (found) => found.isFile(),
    () => true,
  );
  const writable = await access(dirname(path), constants.W_OK).then(
    () => true,
    () => false,
  );
  if (writable && isFree) return;
  throw new Problem({
    subject: `--out ${out}`,
    expected: "a file in a directory that can be written to",
    remedy: "name another file",
  });
}
