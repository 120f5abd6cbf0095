// Notes what was seen of the material while checking, so that a certification can be bound to it.

/** Facts of the last look, by name; a later note of the same name replaces the earlier one. */
export class Seen {
  readonly #facts = new Map<string, unknown>();

  /** Notes a fact: a version, an identity, a layout. It is only ever published as part of a digest. */
  note(fact: string, value: unknown): void {
    this.#facts.set(fact, value);
  }

  /** All facts. */
  all(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(this.#facts);
  }
}
