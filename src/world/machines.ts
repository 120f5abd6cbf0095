// The switched-on machines, and word of those that are switched off.
import type { Machine } from "./machine.ts";

/** Machines by id. */
export class Machines extends Map<string, Machine> {
  readonly #watchers = new Set<(gone: Machine) => void>();

  /** Calls back for every machine that is removed or replaced by another, until the returned function is called. */
  onGone(watcher: (gone: Machine) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  override set(id: string, machine: Machine): this {
    const before = this.get(id);
    super.set(id, machine);
    if (before !== undefined && before !== machine) this.#tell(before);
    return this;
  }

  override delete(id: string): boolean {
    const before = this.get(id);
    const deleted = super.delete(id);
    if (before !== undefined) this.#tell(before);
    return deleted;
  }

  override clear(): void {
    for (const id of [...this.keys()]) this.delete(id);
  }

  #tell(gone: Machine): void {
    for (const watcher of [...this.#watchers]) watcher(gone);
  }
}
