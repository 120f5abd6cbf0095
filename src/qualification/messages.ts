// What a qualification and its watchdog say to each other; both sides parse what they hear.
import { z } from "zod";
import { qualificationResult, verdict } from "./result.ts";

const argv = z.tuple([z.string().min(1)], z.string());

/** The run, as the watchdog must know it to end it alone. */
const job = z.object({
  kind: z.literal("job"),
  runId: z.string(),
  environment: z.string(),
  release: z.string(),
  manifestId: z.string(),
  startedAt: z.string(),
  /** Absolute path of the result. */
  out: z.string(),
  /** Absolute path of the folder with the logs of commands. */
  evidence: z.string(),
  engine: z.string(),
  project: z.string(),
  /** Milliseconds for the whole run, and without a sign of life. */
  ttl: z.int(),
  stale: z.int(),
  cleanup: argv,
  inventory: argv,
  /** What commands are told beside their arguments. */
  env: z.record(z.string(), z.string()),
});

/** A parsed job. */
export type Job = z.infer<typeof job>;

/** What a watchdog is told. */
export const order = z.discriminatedUnion("kind", [
  job,
  z.object({ kind: z.literal("beat") }),
  /** Take the freeze. */
  z.object({ kind: z.literal("freeze") }),
  /** Run the qualification's command. */
  z.object({ kind: z.literal("drive"), argv }),
  /** Everything is judged: end the run. */
  z.object({ kind: z.literal("conclude"), verdict }),
]);

/** A parsed order. */
export type Order = z.infer<typeof order>;

/** What a watchdog tells. */
export const report = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  /** `refused`: why there is no freeze. */
  z.object({ kind: z.literal("frozen"), refused: z.string().optional() }),
  z.object({ kind: z.literal("driving"), pid: z.int().optional() }),
  z.object({ kind: z.literal("driven"), exit: z.int() }),
  /** `unwritten`: why the result could not be written down. */
  z.object({ kind: z.literal("finished"), result: qualificationResult, unwritten: z.string().optional() }),
]);

/** A parsed report. */
export type Report = z.infer<typeof report>;
