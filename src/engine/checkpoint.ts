// Reads a stack's checkpoint: what the engine believes is there, and a digest that any real change of it changes.
import { z } from "zod";
import { Unreadable } from "../check/unreadable.ts";
import { type Run, run as runModel } from "../environment/run.ts";
import { type Asking, command } from "./command.ts";

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
  deployment: z.object({ resources: z.array(resource).optional() }).nullable(),
});

/**
 * Exports a stack.
 * @returns none where the backend has no such stack
 * @throws Unreadable where the backend can not be asked
 */
export async function readCheckpoint(stack: string, asking: Asking): Promise<Checkpoint | undefined> {
  const result = await command(["stack", "export", "--stack", stack], asking);
  if (result.exitCode === 0) return parseCheckpoint(result.stdout);
  if (/no stack named/.test(result.stderr)) return undefined;
  throw new Unreadable("engine", result.stderr);
}

/** Parses what `pulumi stack export` prints. Throws `Unreadable`. */
export function parseCheckpoint(bytes: string): Checkpoint {
  try {
    const written = exported.parse(JSON.parse(bytes)).deployment?.resources ?? [];
    // The engine writes things down as they come.
    const resources = written.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    const root = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
    const run = runModel.safeParse(root?.outputs?.run);
    return { run: run.data, substance: resources.map((one) => substanceOf(one, run.data)), bytes };
  } catch (cause) {
    throw new Unreadable("unparsable", "the stack's export", { cause });
  }
}

/** What no value of anybody's holds, so that a tag that was taken away shows. */
const blanks = { id: "\0id", expiresAt: "\0expiresAt" } as const;

/** A resource that waits for its deletion has the URN of the one that took its place. */
function nameOf({ urn, id }: z.infer<typeof resource>): string {
  return `${urn} ${id ?? ""}`;
}

/** Without outputs and times, and with the run's id and expiry blanked wherever inputs carry them. */
function substanceOf({ type, urn, id, inputs }: z.infer<typeof resource>, run: Run | undefined): unknown {
  const blank = (_key: string, value: unknown) =>
    typeof value === "string" && run !== undefined
      ? value.replaceAll(run.id, blanks.id).replaceAll(run.expiresAt, blanks.expiresAt)
      : value;
  // Providers' own settings (endpoint, token) are not the substrate.
  return type.startsWith("pulumi:")
    ? { type, urn }
    : { type, urn, id, inputs: JSON.parse(JSON.stringify(inputs ?? {}, blank)) };
}
