// What a running engine's program is asked: provider functions, each asked once however many want its answer at the time.
import { Unreadable } from "../check/unreadable.ts";

/** A provider function by its token, and what it is given. */
export type Question = { readonly token: string; readonly args: Readonly<Record<string, unknown>> };

/** The questions of one operation. Answers come by number, in any order. */
export class Questions {
  readonly #pose: (number: number, question: Question) => void;
  readonly #posed: PromiseWithResolvers<unknown>[] = [];
  readonly #underWay = new Map<string, Promise<unknown>>();
  #over = false;

  /** @param pose hands one over to whoever answers it */
  constructor(pose: (number: number, question: Question) => void) {
    this.#pose = pose;
  }

  /** Asks, unless the same is being asked. Throws `Unreadable`, or the signal's reason. */
  async ask(question: Question, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    const { promise, reject } = Promise.withResolvers<never>();
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    return Promise.race([promise, this.#answer(question)]).finally(() =>
      signal.removeEventListener("abort", abort),
    );
  }

  answered(number: number, value: unknown): void {
    this.#posed[number]?.resolve(value);
  }

  refused(number: number, text: string): void {
    this.#posed[number]?.reject(new Unreadable("engine", text));
  }

  /** Nobody answers any more. */
  end(): void {
    this.#over = true;
    for (const waiting of this.#posed) waiting.reject(new Unreadable("engine", "the engine has ended"));
  }

  #answer(question: Question): Promise<unknown> {
    const key = JSON.stringify([question.token, question.args]);
    const underWay = this.#underWay.get(key) ?? this.#begin(question);
    this.#underWay.set(key, underWay);
    // Later it is asked anew: whoever asks again wants to know whether it has changed.
    const forget = () => this.#underWay.delete(key);
    underWay.then(forget, forget);
    return underWay;
  }

  #begin(question: Question): Promise<unknown> {
    const waiting = Promise.withResolvers<unknown>();
    const number = this.#posed.push(waiting) - 1;
    if (this.#over) this.end();
    else this.#pose(number, question);
    return waiting.promise;
  }
}
