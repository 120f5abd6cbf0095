// What the certifier and an engine host say to each other; both sides parse what they hear.
import { z } from "zod";
import { run } from "../environment/run.ts";
import { scratch } from "./scratch.ts";

/** One engine run, as the host is asked to do it. */
const job = z.object({
  kind: z.literal("job"),
  /**
   * preview reads and writes nothing, up converges, both after a refresh; ask is a preview without one, for provider functions
   * alone; destroy takes all away, record writes to a ledger.
   */
  operation: z.enum(["preview", "ask", "up", "destroy", "record"]),
  stack: z.string(),
  /** The release run to tag with; none: the one that the stack carries. */
  run: run.optional(),
  /** For up: URNs of what is replaced, with all that depends on it; then nothing else is touched. */
  replace: z.array(z.string()).default([]),
  /** For up: URNs of what is left as it is. */
  exclude: z.array(z.string()).default([]),
  /** For record: what is laid over the ledger's outputs. */
  entries: z.record(z.string(), z.unknown()).default({}),
  /** For preview, where there is no such stack: what stands in for it. */
  scratch: scratch.optional(),
  /** Absolute path of the engine. */
  engine: z.string(),
  /** Absolute path of the project. */
  project: z.string(),
});

/** To the host. */
export const order = z.discriminatedUnion("kind", [
  job,
  z.object({
    kind: z.literal("invoke"),
    id: z.number(),
    token: z.string(),
    args: z.record(z.string(), z.unknown()),
  }),
  /** No more invokes: the program may end. */
  z.object({ kind: z.literal("release") }),
  /** Stop as soon as that can be done without harm. */
  z.object({ kind: z.literal("abort") }),
]);

/** From the host. */
export const report = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("answer"), id: z.number(), value: z.unknown() }),
  z.object({ kind: z.literal("refusal"), id: z.number(), text: z.string() }),
  /** One engine event, as the Automation API gives it. */
  z.object({ kind: z.literal("event"), event: z.unknown() }),
  /** The run is over; `error` is the engine's own text. */
  z.object({ kind: z.literal("end"), error: z.string().optional() }),
]);

export type Job = z.infer<typeof job>;
/** As it is sent. */
export type Order = z.input<typeof order>;
export type Report = z.infer<typeof report>;
