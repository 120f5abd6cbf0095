// The release run that a substrate is tagged with, so that its resources can be found and torn down.
import { z } from "zod";

/** Fits every provider's tags and names: 3 to 32 of `a-z 0-9 -`, beginning with a letter. */
export const runId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{2,31}$/, "a run ID: 3 to 32 of a-z, 0-9 and -, beginning with a letter");

/** A release run as the stack's outputs carry it. */
export const run = z.object({
  id: runId,
  /** When the resources may be torn down, ISO 8601. */
  expiresAt: z.iso.datetime(),
});

/** The release run of a stack. */
export type Run = z.infer<typeof run>;

/** How long a run's resources are wanted, in ms: a week. */
const lifetime = 7 * 24 * 3_600_000;

/** A run that begins now, `run-20261122-160145-x7k2` where no ID is given. */
export function newRun(now: Date, id?: string): Run {
  const stamp = now
    .toISOString()
    .replace(/[-:]|\.\d+Z$/g, "")
    .toLowerCase()
    .replace("t", "-");
  const suffix = Math.floor(Math.random() * 36 ** 4)
    .toString(36)
    .padStart(4, "0");
  return { id: id ?? `run-${stamp}-${suffix}`, expiresAt: new Date(now.getTime() + lifetime).toISOString() };
}
