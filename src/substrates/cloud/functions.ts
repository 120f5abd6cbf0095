// A cloud's provider functions as checks ask them: parsed, told apart by why they fail, asked again while throttled.
import type { z } from "zod";
import { persist } from "../../check/poll.ts";
import { type Reason, Unreadable } from "../../check/unreadable.ts";
import type { Sight } from "../substrate.ts";
import { findTwice } from "./absence.ts";

/** Thrown where the far end says that there is no such thing. */
class Absent extends Error {
  override readonly name = "Absent";
}

/** What an error's text tells; none: it tells nothing that is known. Functions give no status codes, only text. */
export type Diagnose = (text: string) => Reason | "absent" | undefined;

/** A function's name and arguments. */
type Question<M> = {
  readonly token: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Must demand every output that is judged: a question with an unknown argument is answered `{}` by the engine. */
  readonly model: M;
};

/** How often a throttled question is asked in all; the provider has tried for itself each time. */
const tries = 4;

/** The provider functions of one cloud. */
export class CloudFunctions {
  readonly #invoke: Sight["invoke"];
  readonly #diagnose: Diagnose;

  constructor(invoke: Sight["invoke"], diagnose: Diagnose) {
    this.#invoke = invoke;
    this.#diagnose = diagnose;
  }

  /** Asks. Throws `Unreadable`, or `Absent` where the far end says that there is nothing. */
  ask<M extends z.ZodType>(question: Question<M>, signal: AbortSignal): Promise<z.infer<M>> {
    const often = { passing: "throttled", tries, first: 300, most: 5_000 } as const;
    return persist(() => this.#once(question, signal), often, signal);
  }

  /**
   * Asks for one thing; none where the far end has said twice that there is none: what was made a moment ago may not be
   * seen everywhere yet. Throws `Unreadable`.
   */
  async find<M extends z.ZodType>(
    question: Question<M>,
    signal: AbortSignal,
  ): Promise<z.infer<M> | undefined> {
    const ask = () =>
      this.ask(question, signal).then(
        (found) => ({ found }),
        (error: unknown) => {
          if (error instanceof Absent) return undefined;
          throw error;
        },
      );
    return findTwice(ask, signal);
  }

  async #once<M extends z.ZodType>(
    { token, args, model }: Question<M>,
    signal: AbortSignal,
  ): Promise<z.infer<M>> {
    const answer = await this.#invoke(token, args, signal).catch((error: unknown) => {
      throw this.#explain(error, token);
    });
    const parsed = model.safeParse(answer);
    if (parsed.success) return parsed.data;
    throw new Unreadable("unparsable", token, { cause: parsed.error });
  }

  #explain(error: unknown, token: string): unknown {
    if (!(error instanceof Unreadable) || error.reason !== "engine") return error;
    const reason = this.#diagnose(error.message);
    if (reason === "absent") return new Absent(token, { cause: error });
    return reason === undefined ? error : new Unreadable(reason, token, { cause: error });
  }
}
