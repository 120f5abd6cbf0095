// The near end of a watchdog: starts it, asks it, and notices when it is no more.
import { type ChildProcess, fork } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Ended } from "./ending.ts";
import type { Argv } from "./group.ts";
import { type Job, type Order, type Report, report } from "./messages.ts";
import type { Verdict } from "./result.ts";

/** The watchdog's process has ended without having ended the run. */
export class WatchdogLost extends Error {
  override readonly name = "WatchdogLost";
}

const kennel = fileURLToPath(new URL("./kennel.ts", import.meta.url));

/** A watchdog of ours. */
export class Leash implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<Report["kind"], PromiseWithResolvers<Report>>();
  readonly #lost = Promise.withResolvers<never>();
  #beating: NodeJS.Timeout | undefined;
  #driver: number | undefined;

  /** Starts a watchdog that is given signs of life every `heartbeat` ms. */
  constructor(job: Job, heartbeat: number) {
    const log = openSync(join(job.evidence, "watchdog.log"), "a", 0o600);
    this.#child = fork(kennel, { detached: true, stdio: ["ignore", log, log, "ipc"] });
    closeSync(log);
    this.#lost.promise.catch(() => undefined);
    this.#child.on("message", (heard) => this.#hear(report.parse(heard)));
    this.#child.on("error", (cause) => this.#lost.reject(new WatchdogLost("not started", { cause })));
    // Not its exit, which its last words may come after, nor only then: it may stay to give the freeze back.
    this.#child.on("disconnect", () => this.#lost.reject(new WatchdogLost("the watchdog has ended")));
    this.#tell(job);
    this.#beating = setInterval(() => this.#tell({ kind: "beat" }), heartbeat);
  }

  /** Its process; none where it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The group of the command that it runs or has run. */
  get driver(): number | undefined {
    return this.#driver;
  }

  /** The result, when it has ended the run: asked to, or by itself. Throws `WatchdogLost`. */
  async finished(): Promise<Ended> {
    const said = await this.#hearOf("finished");
    if (said.kind !== "finished") throw new TypeError("unreachable: only what was waited for is told");
    return { result: said.result, unwritten: said.unwritten };
  }

  /** Has it take the freeze; gives why it could not. Throws `WatchdogLost`. */
  async freeze(): Promise<string | undefined> {
    this.#tell({ kind: "freeze" });
    const said = await this.#hearOf("frozen");
    return said.kind === "frozen" ? said.refused : undefined;
  }

  /** Has it run the qualification's command; gives its exit code. Throws `WatchdogLost`. */
  async drive(argv: Argv): Promise<number> {
    const [program, ...args] = argv;
    this.#tell({ kind: "drive", argv: [program, ...args] });
    const said = await this.#hearOf("driven");
    if (said.kind !== "driven") throw new TypeError("unreachable: only what was waited for is told");
    return said.exit;
  }

  /** Has it end the run. */
  conclude(verdict: Verdict): void {
    this.#tell({ kind: "conclude", verdict });
  }

  /** Lets go of it. One that has not ended the run then does so. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#beating);
    this.#beating = undefined;
    if (this.#child.connected) this.#child.disconnect();
    // It may stay longer, to give the freeze back.
    this.#child.unref();
  }

  #hear(said: Report): void {
    if (said.kind === "driving") this.#driver = said.pid;
    this.#waitFor(said.kind).resolve(said);
  }

  #hearOf(kind: Report["kind"]): Promise<Report> {
    return Promise.race([this.#waitFor(kind).promise, this.#lost.promise]);
  }

  #waitFor(kind: Report["kind"]): PromiseWithResolvers<Report> {
    const waiting = this.#waiting.get(kind) ?? Promise.withResolvers<Report>();
    this.#waiting.set(kind, waiting);
    return waiting;
  }

  #tell(order: Order): void {
    // What can not be told any more is noticed by its exit.
    if (this.#child.connected) this.#child.send(order, () => undefined);
  }
}
