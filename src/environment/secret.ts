// A value that can be used but not shown: it prints, logs and serialises as a placeholder.
import { inspect } from "node:util";
import { z } from "zod";

/** Wraps a secret string; only {@link Secret.reveal} gives it back. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The secret itself, for the one call that needs it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  [inspect.custom](): string {
    return "[secret]";
  }
}

/** Parses a non-empty string into a {@link Secret}. */
export const secret = z
  .string()
  .min(1)
  .transform((value) => new Secret(value));
