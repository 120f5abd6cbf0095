// Starts an engine host for one operation and talks to it until it ends; nothing of it outlives the operation.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Unreadable } from "../check/unreadable.ts";
import type { Run } from "../environment/run.ts";
import type { RawConfig } from "../environment/section.ts";
import { brief } from "../pulumi/command.ts";
import { type Events, readEvents } from "./changes.ts";
import { type Order, report } from "./message.ts";
import { Questions } from "./questions.ts";
import { newScratch, removeScratch } from "./scratch.ts";

/** What to run. */
export type OperationOptions = {
  readonly operation: "preview" | "ask" | "up" | "destroy" | "record";
  readonly stack: string;
  /** For up: URNs of what is replaced with its dependents, and nothing else. */
  readonly replace?: readonly string[];
  /** For up: URNs of what is left as it is. */
  readonly exclude?: readonly string[];
  /**
   * For preview, where there is no such stack: its config, for an empty one in a backend that is thrown away. May still
   * be found out: the host loads meanwhile.
   */
  readonly config?: RawConfig | undefined | Promise<RawConfig | undefined>;
  /** For record: what is laid over the ledger's outputs. */
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly run?: Run | undefined;
  readonly engine: string;
  readonly project: string;
  readonly signal: AbortSignal;
  /** Engine text, for the debug log. */
  readonly debug: (line: string) => void;
};

/** An operation under way. */
export type Operation = {
  /** Runs a provider function in the engine's program, once for all who ask the same at the time. Throws `Unreadable`. */
  readonly invoke: (
    token: string,
    args: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ) => Promise<unknown>;
  /** Says that there will be no more invokes, so that the program may end. */
  readonly release: () => void;
  /** All events when the engine has ended well. Throws `Unreadable` where it has not. */
  readonly ended: Promise<Events>;
};

/** How the engine ended. */
export class EngineFailure extends Unreadable {
  /** What had happened until then. */
  readonly events: Events;

  constructor(text: string, events: Events) {
    super("engine", text);
    this.events = events;
  }
}

/** An interrupted engine ends what it has begun; past this it is killed, in ms. */
const grace = { preview: 5_000, ask: 5_000, up: 60_000, destroy: 60_000, record: 60_000 } as const;

/** As this process, and without asking of each file on the way to a module whether it is a link. */
const execArgv = [...process.execArgv, "--preserve-symlinks"];

const host = fileURLToPath(new URL("./host.ts", import.meta.url));

/** Starts the operation. */
export function operate(options: OperationOptions): Operation {
  // A group of its own: a terminal's Ctrl-C reaches us alone, and we interrupt the engine once. Twice would
  // make it give up with operations pending.
  const env = { ...process.env, ...brief };
  const child = fork(host, { detached: true, env, execArgv, stdio: ["ignore", "pipe", "pipe", "ipc"] });
  const events: unknown[] = [];
  const questions = new Questions((id, { token, args }) =>
    tell(child, { kind: "invoke", id, token, args: { ...args } }),
  );
  const ending = Promise.withResolvers<Events>();
  const end = () => questions.end();
  ending.promise.then(end, end);
  const finish = (error: string | undefined) => settle(ending, { events, error, debug: options.debug });
  child.on("message", (heard) => {
    const said = report.parse(heard);
    if (said.kind === "event") events.push(said.event);
    else if (said.kind === "answer") questions.answered(said.id, said.value);
    else if (said.kind === "refusal") questions.refused(said.id, said.text);
    else finish(said.error);
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk) => options.debug(String(chunk)));
  child.on("error", (error) => finish(String(error)));
  child.on("exit", (code, signal) => finish(`the engine host ended (${code ?? signal})`));
  order(child, options).catch((error: unknown) => {
    finish(String(error));
    child.disconnect();
  });
  endWith(options.signal, child, grace[options.operation]);
  return {
    invoke: (token, args, signal) => questions.ask({ token, args }, signal),
    release: () => tell(child, { kind: "release" }),
    ended: ending.promise,
  };
}

async function order(child: ChildProcess, options: OperationOptions): Promise<void> {
  const { operation, stack, engine, project, run, replace = [], exclude = [], entries } = options;
  const config = await options.config;
  const scratch = config === undefined ? undefined : newScratch(config);
  // The host does so too; this is for one that was killed.
  if (scratch !== undefined) child.on("exit", () => void removeScratch(scratch));
  tell(child, {
    kind: "job",
    ...{
      operation,
      stack,
      engine,
      project,
      replace: [...replace],
      exclude: [...exclude],
      entries: { ...entries },
    },
    ...(run === undefined ? {} : { run }),
    ...(scratch === undefined ? {} : { scratch }),
  });
}

type Ending = {
  readonly events: readonly unknown[];
  readonly error: string | undefined;
  readonly debug: (line: string) => void;
};

function settle(ending: PromiseWithResolvers<Events>, { events, error, debug }: Ending): void {
  try {
    const read = readEvents(events);
    for (const line of read.errors) debug(line);
    if (error === undefined && read.complete) ending.resolve(read);
    else ending.reject(new EngineFailure(error ?? "the engine did not say that all went well", read));
  } catch (cause) {
    ending.reject(new Unreadable("unparsable", "an engine event", { cause }));
  }
}

/** On abort the host interrupts the engine; one that does not end in time is killed with all it started. */
function endWith(signal: AbortSignal, child: ChildProcess, patience: number): void {
  let killing: NodeJS.Timeout | undefined;
  const abort = () => {
    tell(child, { kind: "abort" });
    killing = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, "SIGKILL"), patience);
  };
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  child.on("exit", () => {
    clearTimeout(killing);
    signal.removeEventListener("abort", abort);
  });
}

function tell(child: ChildProcess, order: Order): void {
  if (child.connected) child.send(order);
}
