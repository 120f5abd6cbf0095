// Runs the command that tries the product: tells it the plan, and reads what it reports.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Subject } from "../certification/subject.ts";
import { own } from "./own.ts";
import { type Plan, plan, planFile } from "./plan.ts";
import { type Report, readReport } from "./report.ts";
import type { ResultCheck } from "./result.ts";
import type { Run } from "./run.ts";
import type { Again } from "./whole.ts";

/** What the plan is made of. */
export type Plans = Pick<Again, "met"> & { readonly flows: readonly Subject[] };

/** What a command came to. */
export type Driven = Report & { readonly exit: number };

/** Runs the qualification's command. Throws `WatchdogLost`. */
export async function drive({ job, request, leash }: Run, plans: Plans): Promise<Driven> {
  const { evidence, runId, release } = job;
  const text = JSON.stringify(planOf(job, request.patience, plans));
  await writeFile(planFile(job), text, { mode: 0o600, flag: "wx" });
  const out = join(evidence, `${runId}.product.json`);
  const [program, ...args] = request.commands.qualification ?? own("driver");
  const certifications = request.certifications.flatMap((one) => ["--certification", one]);
  const exit = await leash.drive([
    ...([program, ...args] as const),
    ...certifications,
    ...["--release", release, "--out", out, "--heartbeat", join(evidence, `${runId}.heartbeat`)],
  ]);
  const { checks, classification } = await readReport(out, new Date());
  return { exit, checks: checks.length > 0 ? checks : [inWords(exit)], classification };
}

function planOf({ environment, release, runId }: Run["job"], patience: number, { met, flows }: Plans): Plan {
  return plan.parse({
    ...{ environment, release, runId, patience, endpoints: met },
    flows: flows.flatMap(({ substrate, open }) =>
      open.flows.map((flow) => ({ provider: substrate.name, ...flow })),
    ),
  });
}

/** For a command that reports nothing but its exit code. */
function inWords(exit: number): ResultCheck {
  const results = { 0: "pass", 1: "fail" } as const;
  const result = exit === 0 || exit === 1 ? results[exit] : "blocked";
  const summary = `the qualification command ended with ${exit}`;
  return { name: "qualification.command", result, checkedAt: new Date().toISOString(), summary };
}
