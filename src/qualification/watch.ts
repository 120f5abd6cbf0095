// The substrate watch: cheap looks at what must not move while a release is qualified.

import type { Subject } from "../certification/subject.ts";
import { stateDigest } from "../certification/versions.ts";
import { poll } from "../check/poll.ts";
import { readCheckpoint } from "../engine/checkpoint.ts";
import { readLock } from "../engine/lock.ts";
import { common } from "../environment/common.ts";
import { parseSection } from "../environment/section.ts";
import { configFile } from "../environment/stack.ts";
import { freezeOf } from "../freeze.ts";
import { bootQuestion } from "../probes/readers/boot.ts";
import { whole } from "../probes/whole.ts";
import type { Asking } from "../pulumi/command.ts";
import type { PlannedEndpoint } from "./plan.ts";
import { enter, type Login } from "./product.ts";
import type { ResultCheck } from "./result.ts";
import type { Certified } from "./whole.ts";

/** Longer than an update of one substrate takes to end, in ms. */
const patience = 10 * 60_000;

/** Waits until nobody updates any of these stacks; false where one stays locked. Throws the signal's reason. */
export async function awaitStill(
  certified: readonly { readonly subject: Pick<Subject, "stack"> }[],
  asking: Asking,
  most = patience,
): Promise<boolean> {
  const signal = AbortSignal.any([asking.signal, AbortSignal.timeout(most)]);
  const free = async (stack: string) => ((await readLock(stack, asking)) === undefined ? true : undefined);
  try {
    const backoff = { first: 250, most: 5_000 };
    await Promise.all(certified.map(({ subject: { stack } }) => poll(() => free(stack), backoff, signal)));
    return true;
  } catch (error) {
    asking.signal.throwIfAborted();
    if (signal.aborted) return false;
    throw error;
  }
}

/** What has moved that a freeze holds still: that is a defect of the substrate, whatever the product does. */
export async function moved(
  certified: readonly Certified[],
  { environment, runId }: { readonly environment: string; readonly runId: string },
  asking: Asking,
): Promise<readonly ResultCheck[]> {
  const [held, ...stacks] = await Promise.all([
    freezeOf(environment, asking),
    ...certified.map(async ({ subject: { stack, substrate }, state }) => {
      const [lock, checkpoint] = await Promise.all([readLock(stack, asking), readCheckpoint(stack, asking)]);
      const changed = stateDigest(checkpoint) !== state;
      return lock === undefined && !changed ? [] : [{ substrate, changed }];
    }),
  ]);
  const found = { result: "fail" as const, checkedAt: new Date().toISOString() };
  const lost = "the freeze is not this run's any more";
  return [
    ...(held?.runId === runId ? [] : [{ ...found, name: "freeze.held", summary: lost }]),
    ...stacks.flat().map(({ substrate, changed }) => ({
      ...{ ...found, name: "substrate.state", target: substrate.name },
      summary: changed ? "the stack is another than certified" : "somebody updates the stack",
    })),
  ];
}

/** Endpoints with the boot that each is in, by `<provider>/<name>`. */
export type Boots = ReadonlyMap<string, { readonly endpoint: PlannedEndpoint; readonly boot: string }>;

/**
 * Logs in to every endpoint as it was certified and reads which boot it is in. Those that are silent are left out: they may
 * be so for many reasons.
 */
export async function bootsOf(
  endpoints: readonly PlannedEndpoint[],
  logins: ReadonlyMap<string, Login>,
  signal: AbortSignal,
): Promise<Boots> {
  const answers = endpoints.map(async (endpoint) => {
    const { provider, name } = endpoint;
    const login = logins.get(provider);
    if (login === undefined) throw new TypeError(`no login for ${provider}`);
    await using session = await enter(endpoint, login, signal);
    const readings = await session.run([bootQuestion.probe], signal);
    const boot = bootQuestion.read(whole(readings.get(bootQuestion.probe.id), "boot"));
    return [`${provider}/${name}`, { endpoint, boot }] as const;
  });
  const settled = await Promise.allSettled(answers);
  return new Map(settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])));
}

/** Endpoints that are in another boot than before: whatever they were asked in between may have met nobody. */
export function restarted(before: Boots, now: Boots): readonly ResultCheck[] {
  const others = [...now].filter(([who, { boot }]) => (before.get(who)?.boot ?? boot) !== boot);
  const found = { name: "substrate.boot", result: "fail" as const, checkedAt: new Date().toISOString() };
  const summary = "was restarted while the release was qualified";
  return others.map(
    ([
      ,
      {
        endpoint: { provider, name: target },
      },
    ]) => ({ ...found, provider, target, summary }),
  );
}

/** How the endpoints of a substrate are logged in to, as its stack config has it. */
export function loginOf({ config, stack }: Pick<Subject, "config" | "stack">): Login {
  return parseSection(config, "substrate", { model: common, origin: configFile(stack) });
}
