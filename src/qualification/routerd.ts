// routerd, the product: how its readiness, its pools and its provider actions are asked for, and what the answers mean.
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { Check } from "../check/check.ts";
import { fail, type Outcome, pass, say } from "../check/outcome.ts";
import type { Name } from "../environment/name.ts";
import { asRoot, demandRoot, rootProbe } from "../probes/readers/root.ts";
import type { Probe, Reading, Transport } from "../probes/transport.ts";
import { whole } from "../probes/whole.ts";

/** Whether the product runs on endpoints of this role: clients only send and receive. */
export function runsProduct(role: Name): boolean {
  return role !== client;
}

/** The role of endpoints whose traffic the product carries. */
export const client: string = "client";

/** One endpoint that runs the product, while its session is open. */
export type Router = {
  readonly name: Name;
  readonly transport: Transport;
  /** What must have passed before it can be asked. */
  readonly after: Check["after"];
  /** Milliseconds that it may take to converge. */
  readonly patience: number;
};

/** routerd.service, and behind it routerd.status, routerd.pools and routerd.actions. */
export function productChecks(router: Router): readonly Check[] {
  const { name } = router;
  const about = { target: name, deadline: router.patience + 60_000 };
  const behind = { ...about, after: [`routerd.service@${name}`] as const };
  const ask = (id: Check["id"], attempt: Attempt) => ({
    id,
    observe: (signal: AbortSignal) => converged(router, attempt, signal),
  });
  return [
    { ...about, after: router.after, ...ask("routerd.service", askService) },
    { ...behind, ...ask("routerd.status", askStatus) },
    { ...behind, ...ask("routerd.pools", askPools) },
    { ...behind, ...ask("routerd.actions", askActions) },
  ];
}

/** What one look came to, and whether it could still come to something else by itself. */
type Seen = { readonly outcome: Outcome; readonly pending: boolean };
/** Throws `Unreadable` for more than a probe can bring: that is not the product's fault. */
type Ask = (...argv: readonly [string, ...string[]]) => Promise<Reading>;
type Attempt = (ask: Ask, name: Name) => Promise<Seen>;

/** Looks until it has converged one way or the other, or has had its time. */
async function converged(
  { name, transport, patience }: Router,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<Outcome> {
  const end = performance.now() + patience;
  const ask: Ask = async (...argv) => {
    const probe: Probe = { id: "asked", argv, timeout: 40 };
    const readings = await transport.run([rootProbe, probe], signal);
    demandRoot(readings.get(rootProbe.id));
    return whole(readings.get(probe.id), argv.join(" "));
  };
  for (let wait = 250; ; wait = Math.min(2 * wait, 5_000)) {
    const { outcome, pending } = await attempt(ask, name);
    if (!pending || performance.now() + wait > end) return outcome;
    await pause(wait, undefined, { signal });
  }
}

/** systemctl(1): is-active prints the state, and its exit code differs between releases for all but active. */
async function askService(ask: Ask, name: Name): Promise<Seen> {
  const { exit, stdout } = await ask("systemctl", "is-active", "routerd.service");
  const state = stdout.trim();
  if (exit === 0) return settled(pass(say`routerd.service is active on ${name}`));
  const pending = state === "activating" || state === "reloading";
  return { outcome: fail(say`routerd.service is not active on ${name}`), pending };
}

/** `Status` (imksoo/routerd, pkg/controlapi/types.go) */
const status = z.object({
  status: z.object({ phase: z.string(), resourcePhaseIssues: z.array(z.unknown()).nullish() }),
});

/** What routerd itself takes for healthy (cmd/routerd/inspection.go, resourcePhaseProbe). */
const healthy = ["Healthy", "Applied", "Active", "Ready"];

async function askStatus(ask: Ask, name: Name): Promise<Seen> {
  const told = read(await ask(...routerctl("get", "status")), status);
  if (told === undefined) return silent(name);
  const issues = told.status.resourcePhaseIssues?.length ?? 0;
  if (!healthy.includes(told.status.phase)) return converging(fail(say`routerd on ${name} is not healthy`));
  if (issues > 0) return converging(fail(say`routerd on ${name} has trouble with ${issues} resources`));
  return settled(pass(say`routerd on ${name} is healthy`));
}

/** A row of the ownership table; older releases count conflicts beside it (pkg/controller/mobility). */
const pool = z.object({
  name: z.string(),
  status: z
    .object({
      phase: z.string().optional(),
      ownershipResolverControlPlaneOwnerTable: z.array(z.object({ state: z.string() })).nullish(),
      ownershipResolverConflictCount: z.number().optional(),
    })
    .default({}),
});
/** `GetResult` and `DescribeResult` (pkg/controlapi/types.go) */
const listed = z.object({ items: z.array(z.object({ name: z.string() })).nullish() });
const described = z.object({ resource: pool });

/** Every pool must be ready, and no address be claimed by two. */
async function askPools(ask: Ask, name: Name): Promise<Seen> {
  const found = read(await ask(...routerctl("get", "MobilityPool")), listed);
  if (found === undefined) return silent(name);
  const names = found.items?.map((one) => one.name) ?? [];
  if (names.length === 0) return converging(fail(say`routerd on ${name} has no MobilityPool`));
  const pools = await Promise.all(
    names.map(async (one) => read(await ask(...routerctl("describe", `MobilityPool/${one}`)), described)),
  );
  const whole = pools.flatMap((one) => one?.resource ?? []);
  if (whole.length < names.length) return silent(name);
  const conflicts = whole.reduce((sum, one) => sum + conflictsIn(one), 0);
  if (conflicts > 0) return settled(fail(say`owners of ${conflicts} addresses are in conflict on ${name}`));
  const unready = whole.filter((one) => one.status.phase !== "Ready");
  const pending = unready.every((one) => one.status.phase === "Pending");
  if (unready.length > 0)
    return {
      outcome: fail(say`${unready.length} of ${names.length} pools are not ready on ${name}`),
      pending,
    };
  return settled(pass(say`${names.length} of ${names.length} pools are ready on ${name}, without conflict`));
}

function conflictsIn({ status: seen }: z.infer<typeof pool>): number {
  const rows = seen.ownershipResolverControlPlaneOwnerTable ?? [];
  return Math.max(
    rows.filter(({ state }) => state === "Conflict").length,
    seen.ownershipResolverConflictCount ?? 0,
  );
}

/** `ActionExecutionRecord` (pkg/state/action_execution.go); of no rows Go makes null. */
const actions = z.array(z.object({ status: z.string() })).nullable();

/** What failed has failed; what is not done yet may still come to an end. */
async function askActions(ask: Ask, name: Name): Promise<Seen> {
  const rows = read(await ask(...routerctl("action", "list")), actions);
  if (rows === undefined) return silent(name);
  const count = (...wanted: readonly string[]) =>
    rows?.filter((row) => wanted.includes(row.status)).length ?? 0;
  const failed = count("failed");
  const open = count("pending", "approved", "running");
  if (failed > 0) return settled(fail(say`${failed} provider actions have failed on ${name}`));
  if (open > 0) return converging(fail(say`${open} provider actions do not come to an end on ${name}`));
  return settled(pass(say`none of ${rows?.length ?? 0} provider actions has failed on ${name}`));
}

/** Its socket and its journal are for root alone. */
function routerctl(...words: readonly string[]): Probe["argv"] {
  return asRoot(["routerctl", ...words, "-o", "json"]);
}

/** None where it ended with an error or says something else: a product that can not be asked is not ready. */
function read<M extends z.ZodType>({ exit, stdout }: Reading, model: M): z.infer<M> | undefined {
  if (exit !== 0) return undefined;
  try {
    return model.parse(JSON.parse(stdout));
  } catch {
    return undefined;
  }
}

function silent(name: Name): Seen {
  return converging(fail(say`routerctl on ${name} does not answer as it should`));
}

function settled(outcome: Outcome): Seen {
  return { outcome, pending: false };
}

function converging(outcome: Outcome): Seen {
  return { outcome, pending: true };
}
