// The process that runs one engine operation on one stack: a stray rejection in a program ends nothing but this.
import { AsyncLocalStorage } from "node:async_hooks";
import { enableCompileCache } from "node:module";
import type { PreviewOptions, Stack } from "@pulumi/pulumi/automation/index.js";
import { engineVersion } from "../pulumi/version.ts";
import type { Declared } from "../substrates/substrate.ts";
import { essence } from "./event.ts";
import { type Job, order, type Report } from "./message.ts";
import { sayLast } from "./parting.ts";
import { openScratch, removeScratch } from "./scratch.ts";
import { loadSdk } from "./sdk.ts";
import { UnderWay } from "./underway.ts";

/** As long as an interrupted update may take, in ms. */
const orphanGrace = 60_000;

/** Longer than a working engine says nothing between two steps, in ms. */
const quiet = 10_000;

enableCompileCache();
/** Takes its time; loaded before there is a job. */
const sdk = loadSdk();
const aborting = new AbortController();
const released = Promise.withResolvers<void>();
const declared = Promise.withResolvers<Declared>();
const underWay = new UnderWay();
let started = false;
let isChanging = false;
// Nobody may be waiting for it when the run fails before the program starts.
declared.promise.catch(() => undefined);

process.on("message", (heard) => {
  const said = order.parse(heard);
  if (said.kind === "job") void operate(said);
  else if (said.kind === "invoke") void answer(said);
  else stop(said.kind === "abort");
});
process.on("unhandledRejection", (reason) => {
  process.stderr.write(`${reason}\n`);
  // The run is lost; what the program waits for never comes, and the engine waits for the program (3.255).
  void released.promise
    .then(() => (isChanging ? underWay.rest(quiet) : undefined))
    .then(() => aborting.abort());
});
process.on("disconnect", () => {
  stop(true);
  // Whoever asked is gone: nobody else would end an engine that does not end by itself.
  setTimeout(() => process.kill(-process.pid, "SIGKILL"), orphanGrace).unref();
});

function stop(abort: boolean): void {
  released.resolve();
  if (abort) aborting.abort();
}

function tell(report: Report): void {
  if (process.connected) process.send?.(report);
}

function pass(event: unknown): void {
  if (isChanging) underWay.note(event);
  const told = essence(event);
  if (told !== undefined) tell({ kind: "event", event: told });
}

async function operate(job: Job): Promise<void> {
  const error = await operation(job).then(
    () => undefined,
    (failure: unknown) => String(failure),
  );
  if (job.scratch !== undefined) await removeScratch(job.scratch);
  declared.reject(new Error(error ?? "the run is over"));
  sayLast({ kind: "end", ...(error === undefined ? {} : { error }) } satisfies Report);
}

async function operation(job: Job): Promise<unknown> {
  isChanging = ["up", "destroy"].includes(job.operation);
  const stack = await openStack(job);
  const options = {
    // Neither a ledger nor an empty stack has resources, and who only asks wants to know nothing of them.
    refresh: !["ask", "record"].includes(job.operation) && job.scratch === undefined,
    parallel: 16,
    signal: heeded(aborting.signal),
    onEvent: pass,
  };
  if (job.operation === "preview") return previewAnyway(stack, options);
  if (job.operation === "ask") return stack.preview(options);
  if (job.operation === "destroy") return stack.destroy(options);
  // Not `continueOnError`: what waits in the program for the outputs of one that fails waits for ever (3.255).
  const replacing = { target: job.replace, replace: job.replace, targetDependents: true };
  const scope = job.replace.length > 0 ? replacing : { exclude: job.exclude };
  return stack.up({ ...options, ...scope });
}

async function openStack(job: Job): Promise<Stack> {
  // A pack is named relative to the project, and an empty stack that is thrown away needs none.
  if (job.scratch !== undefined) delete process.env.PULUMI_OPTION_POLICY_PACK;
  const { LocalWorkspace, PulumiCommand, Stack: Stacks } = sdk;
  const { scratch, stack, engine, project } = job;
  // `PulumiCommand.get` would start the engine once more, a third of a second, to ask for its version.
  const pulumiCommand: typeof PulumiCommand.prototype = Reflect.construct(PulumiCommand, [
    engine,
    engineVersion,
  ]);
  const place =
    scratch === undefined
      ? { workDir: project }
      : await openScratch(scratch, { engine, stack, signal: aborting.signal });
  const workspace = await LocalWorkspace.create({ ...place, pulumiCommand, program: () => program(job) });
  // The stack is known to exist; selecting it would change the selection that a person made in this checkout.
  workspace.selectStack = async () => undefined;
  const opened = await Stacks.select(stack, workspace);
  // After every update it would start the engine three times more, for what nobody asks of it here.
  opened.outputs = async () => ({});
  opened.info = async () => undefined;
  return opened;
}

/** The Automation API waits for the event alone, and only from when the engine runs: an abort before that would be lost. */
function heeded(signal: AbortSignal): AbortSignal {
  signal.throwIfAborted();
  const listen = signal.addEventListener.bind(signal);
  const value = (type: "abort", listener: () => void) => {
    if (signal.aborted) listener();
    else listen(type, listener);
  };
  return Object.defineProperty(signal, "addEventListener", { value });
}

/**
 * A read that fails in the refresh ends the preview before the program has started. The drift is lost then, but
 * provider functions can still be invoked from a preview without refresh.
 */
async function previewAnyway(stack: Stack, options: PreviewOptions): Promise<void> {
  try {
    await stack.preview(options);
  } catch (failure) {
    if (started || aborting.signal.aborted) throw failure;
    const { onEvent: _unread, ...others } = options;
    await stack.preview({ ...others, refresh: false });
    throw failure;
  }
}

/** Declares, then stays so that provider functions can be invoked, until released. */
async function program(job: Job): Promise<Record<string, unknown>> {
  started = true;
  if (job.operation === "record") return (await import("../program/ledger.ts")).keepLedger(job.entries);
  const { declareStack } = await import("../program/stack.ts");
  const { outputs, declared: ready } = await declareStack(job.run, job.scratch?.config);
  // The SDK keeps its connection to the engine in async-local storage; orders arrive outside of the program's.
  const inProgram = AsyncLocalStorage.snapshot();
  declared.resolve({ invoke: (token, args) => inProgram(() => ready.invoke(token, args)) });
  await released.promise;
  return outputs;
}

async function answer({
  id,
  token,
  args,
}: {
  id: number;
  token: string;
  args: Record<string, unknown>;
}): Promise<void> {
  try {
    const { invoke } = await declared.promise;
    tell({ kind: "answer", id, value: await invoke(token, args) });
  } catch (error) {
    tell({ kind: "refusal", id, text: String(error) });
  }
}
