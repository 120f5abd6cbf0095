// The watchdog: it holds the freeze, runs the command and ends the run, also when whoever asked for it is no more.
import { join } from "node:path";
import { type Closing, type Ended, endRun } from "./ending.ts";
import { startGroup } from "./group.ts";
import type { Job, Order, Report } from "./messages.ts";
import { type Abort, notRun, type Verdict } from "./result.ts";

/** What a watchdog works with. */
export type Kennel = Closing & {
  readonly pid: number;
  readonly tell: (report: Report) => void;
  /** Takes the freeze. Throws where there is none to be had. */
  readonly take: () => Promise<void>;
};

/** One run under watch. */
export class Watchdog {
  readonly #job: Job;
  readonly #kennel: Kennel;
  readonly #over = new AbortController();
  readonly #ending = Promise.withResolvers<Ended | undefined>();
  readonly #ttl: NodeJS.Timeout;
  #stale: NodeJS.Timeout;
  #work: Promise<unknown> = Promise.resolve();
  #driverExit = notRun;
  #ends = false;

  constructor(job: Job, kennel: Kennel) {
    this.#job = job;
    this.#kennel = kennel;
    this.#ttl = setTimeout(() => this.abort("ttl-expired"), job.ttl);
    this.#stale = setTimeout(() => this.abort("heartbeat-stale"), job.stale);
    kennel.tell({ kind: "ready" });
  }

  /** What it ended the run with; none where somebody else ended it. */
  get ended(): Promise<Ended | undefined> {
    return this.#ending.promise;
  }

  /** Does what it is told. */
  obey(order: Exclude<Order, Job>): void {
    if (this.#ends) return;
    if (order.kind === "beat") this.#stale.refresh();
    if (order.kind === "freeze") this.#work = this.#freeze();
    if (order.kind === "drive") this.#work = this.#drive(order.argv);
    if (order.kind === "conclude") void this.#end(order.verdict, null);
  }

  /** Ends the run as an infrastructure failure: it can not be known what a product would have done. */
  abort(reason: Abort["reason"]): void {
    const triggeredAt = this.#kennel.now().toISOString();
    const summary = `the run was ended: ${reason}`;
    const check = { name: "run.watchdog", result: "blocked" as const, checkedAt: triggeredAt, summary };
    const verdict: Verdict = { classification: "infra_failure", checks: [check] };
    void this.#end(verdict, { reason, runId: this.#job.runId, triggeredAt });
  }

  async #freeze(): Promise<void> {
    try {
      await this.#kennel.take();
      this.#kennel.tell({ kind: "frozen" });
    } catch (error) {
      this.#kennel.tell({ kind: "frozen", refused: String(error) });
    }
  }

  async #drive(argv: Parameters<typeof startGroup>[0]): Promise<void> {
    const { env, evidence } = this.#job;
    const log = join(evidence, "qualification.log");
    const group = startGroup(argv, { env, log, signal: this.#over.signal });
    const { pid } = group;
    this.#kennel.tell({ kind: "driving", ...(pid === undefined ? {} : { pid }) });
    this.#driverExit = await group.ended;
    this.#kennel.tell({ kind: "driven", exit: this.#driverExit });
  }

  /** Only once: what comes later is about a run that is over. */
  async #end(verdict: Verdict, abort: Abort | null): Promise<void> {
    if (this.#ends) return;
    this.#ends = true;
    clearTimeout(this.#ttl);
    clearTimeout(this.#stale);
    try {
      this.#over.abort();
      // A freeze that is being taken must be there before it can be given back.
      await this.#work;
      const past = { verdict, driverExit: this.#driverExit, watchdogPid: this.#kennel.pid, abort };
      const ended = await endRun(this.#job, past, this.#kennel);
      if (ended !== undefined) this.#kennel.tell({ kind: "finished", ...ended });
      this.#ending.resolve(ended);
    } catch (error) {
      this.#ending.reject(error);
    }
  }
}
