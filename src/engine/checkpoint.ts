// Reads a stack's checkpoint: what the engine believes is there, and a digest that any real change of it changes.
import { execa } from "execa";
import { z } from "zod";
import { Unreadable } from "../check/unreadable.ts";
import { type Run, run as runModel } from "../environment/run.ts";

/** What a checkpoint says. */
export type Checkpoint = {
  /** The release run in the stack's outputs; none where the stack was never brought up. */
  readonly run: Run | undefined;
  /** Every resource's type, URN, id and inputs: no times, no outputs, nothing of the run. Plain data to be digested. */
  readonly substance: unknown;
  /** The export's own bytes, to tell whether anything at all was written. */
  readonly bytes: string;
};

const resource = z.object({
  type: z.string(),
  urn: z.string(),
  id: z.string().optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
});

const exported = z.object({
  deployment: z.object({ resources: z.array(resource).optional() }).nullish(),
});

/** A backend that has not answered by then is as good as away, in ms. */
export const backendDeadline = 60_000;

/** Where and how to ask. */
export type Asking = {
  readonly engine: string;
  readonly project: string;
  readonly signal: AbortSignal;
};

/**
 * Exports a stack.
 * @returns none where the backend has no such stack
 * @throws Unreadable where the backend can not be asked
 */
export async function readCheckpoint(
  stack: string,
  { engine, project, signal }: Asking,
): Promise<Checkpoint | undefined> {
  const result = await execa(engine, ["stack", "export", "--stack", stack], {
    cwd: project,
    cancelSignal: signal,
    timeout: backendDeadline,
    reject: false,
    stdin: "ignore",
    env: { PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  if (result.exitCode === 0) return parseCheckpoint(result.stdout);
  if (/no stack named/.test(result.stderr)) return undefined;
  throw new Unreadable("engine", result.stderr);
}

/** Parses what `pulumi stack export` prints. Throws `Unreadable`. */
export function parseCheckpoint(bytes: string): Checkpoint {
  try {
    const resources = exported.parse(JSON.parse(bytes)).deployment?.resources ?? [];
    const root = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
    const run = runModel.safeParse(root?.outputs?.["run"]);
    return { run: run.data, substance: resources.map((one) => substanceOf(one, run.data)), bytes };
  } catch (cause) {
    throw new Unreadable("unparsable", "the stack's export", { cause });
  }
}

/** Without outputs and times, and with the run's id and expiry blanked wherever inputs carry them. */
function substanceOf({ type, urn, id, inputs }: z.infer<typeof resource>, run: Run | undefined): unknown {
  const blank = (_key: string, value: unknown) =>
    typeof value === "string" && run !== undefined
      ? value.replaceAll(run.id, "").replaceAll(run.expiresAt, "")
      : value;
  // Providers' own settings (endpoint, token) are not the substrate.
  return type.startsWith("pulumi:")
    ? { type, urn }
    : { type, urn, id, inputs: JSON.parse(JSON.stringify(inputs ?? {}, blank)) };
}
