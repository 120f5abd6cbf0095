// What a qualification command is told of the environment: endpoints as they were certified, and what must work between them.
import { join } from "node:path";
import { z } from "zod";
import { name } from "../environment/name.ts";
import { provider } from "../manifest/model.ts";

const endpoint = z.object({
  provider,
  name,
  role: name,
  host: z.string(),
  port: z.int(),
  user: z.string(),
  /** `ssh-ed25519 AAAA…`, as it was certified. */
  hostKey: z.string(),
});

const flow = z.object({
  provider,
  from: name,
  to: name,
  /** Of `to`, as `from` reaches it inside. */
  address: z.string(),
  protocol: z.enum(["icmp", "tcp", "udp"]),
  port: z.int().optional(),
});

/** The plan. It names addresses: the file that it is in is for its owner alone. */
export const plan = z.object({
  environment: z.string(),
  release: z.string(),
  runId: z.string(),
  /** Milliseconds that the product may take to converge. */
  patience: z.int(),
  endpoints: z.array(endpoint),
  flows: z.array(flow),
});

/** A parsed plan. */
export type Plan = z.infer<typeof plan>;

/** An endpoint of a plan. */
export type PlannedEndpoint = z.infer<typeof endpoint>;

/** Where the plan of a run is. */
export function planFile({ evidence, runId }: { readonly evidence: string; readonly runId: string }): string {
  return join(evidence, `${runId}.plan.json`);
}
