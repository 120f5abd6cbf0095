// Declares one stack: the single way from stack config to resources, for people's `pulumi up` and for the certifier.
import * as pulumi from "@pulumi/pulumi";
import type { Endpoint } from "../environment/common.ts";
import { overlayVariable, withOverlay } from "../environment/overlay.ts";
import { Problem } from "../environment/problem.ts";
import { newRun, type Run, run as runModel } from "../environment/run.ts";
import { decodeValues, type RawConfig } from "../environment/section.ts";
import { configFile, ledger, parseStack } from "../environment/stack.ts";
import { loadSubstrate } from "../substrates/index.ts";
import type { Declared } from "../substrates/substrate.ts";
import { refuseUnderFreeze } from "./guard.ts";
import { ownOutputs } from "./outputs.ts";

/** What the stack exports; addresses are secrets. */
export type Outputs = {
  readonly endpoints: Readonly<Record<string, unknown>>;
  readonly run: Run;
};

/**
 * Declares the selected stack's substrate. Only inside an engine program. Throws `Problem` for an update under freeze.
 * @param run the release run to tag with; none: the run that the stack already carries, else a new one
 * @param config what it is configured with; none: what the engine says
 */
export async function declareStack(
  run: Run | undefined,
  config?: RawConfig,
): Promise<{ outputs: Outputs; declared: Declared }> {
  // An error with the SDK's own frames in its stack takes Node 24 a minute to print: util.inspect seeks the end of a
  // package's name in `@pulumi/resource.ts`, where there is none. Past an await these frames are gone.
  await undefined;
  const stack = pulumi.getStack();
  refuseLedger(stack);
  const { environment, substrate: name } = parseStack(stack);
  await refuseUnderFreeze(environment);
  const substrate = await loadSubstrate(name);
  const raw =
    config ?? withOverlay(decodeValues(pulumi.runtime.allConfig()), stack, process.env[overlayVariable]);
  const open = substrate.open(raw, configFile(stack));
  const tagged = run ?? (await currentRun()) ?? newRun(new Date());
  const declared = await open.declare(tagged);
  const endpoints = Object.fromEntries(
    open.endpoints.map((endpoint) => [
      endpoint.name,
      exported(endpoint, declared.addresses?.[endpoint.name]),
    ]),
  );
  return { outputs: { endpoints, run: tagged }, declared };
}

/** An update by this program would drop what the ledger holds. */
function refuseLedger(stack: string): void {
  if (parseStack(stack).substrate !== ledger) return;
  throw new Problem({
    subject: `stack ${stack}`,
    expected: "a stack that declares a substrate",
    actual: "a ledger, which only certifications write to",
    remedy: "name a substrate's stack",
  });
}

function exported({ role, user, port, host }: Endpoint, known: pulumi.Output<string> | undefined) {
  return { role, user, port, host: pulumi.secret(known ?? host) };
}

/** The run in the stack's own outputs, so that a plain `up` or preview does not retag everything. */
async function currentRun(): Promise<Run | undefined> {
  return runModel.safeParse((await ownOutputs()).run).data;
}
