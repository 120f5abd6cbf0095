// Runs scenes on a lab and searches everything that they leave or show for every canary.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Bench, Ran } from "../../e2e/bench.ts";
import { allowanceOf, type PlaceKind, privatePlaces } from "./allowed.ts";
import { canariesOf } from "./canaries.ts";
import { missedBy } from "./control.ts";
import { type Canary, type Kind, Searcher, type Sighting } from "./search.ts";
import { type Place, Watch } from "./watch.ts";

/** What a scene plays on. */
export type Stage = {
  readonly bench: Bench;
  /** Keeps what a command has said. Throws where it did not end as it should: the scene is not what it is called. */
  readonly hear: (command: string, ran: Ran, exits: readonly number[]) => void;
  /** Keeps something else that was written or shown. */
  readonly keep: (kind: PlaceKind, name: string, text: string) => void;
};

/** A row of commands, from a whole lab back to a whole lab. */
export type Scene = {
  readonly name: string;
  /** Without it the others have nothing to play on. */
  readonly making?: true;
  readonly play: (stage: Stage) => Promise<void>;
};

/** A canary in a place where it must not be. It names neither its text nor a file of this machine. */
export type Leak = {
  readonly scene: string;
  readonly place: PlaceKind;
  readonly name: string;
  readonly kind: Kind | "mode";
  readonly what: string;
  readonly form: string;
};

/** How much of one kind of place was searched. */
export type Row = { places: number; bytes: number; leaks: number; allowed: number };

/** A hunt on one lab. */
export class Hunt {
  readonly leaks: Leak[] = [];
  /** Scenes that did not go as they should, with why. */
  readonly spoilt: { readonly scene: string; readonly why: string }[] = [];
  readonly rows = new Map<PlaceKind, Row>();
  /** Labels of canaries that were found where they may be: the search works, and they are alive. */
  readonly sighted = new Set<Canary>();
  readonly #bench: Bench;
  readonly #substrates: readonly string[];
  #searcher = new Searcher([]);

  private constructor(bench: Bench, substrates: readonly string[]) {
    this.#bench = bench;
    this.#substrates = substrates;
  }

  /** A hunt whose search has been shown to find every canary in every form. Throws where it has not. */
  static async open(bench: Bench, substrates: readonly string[]): Promise<Hunt> {
    const tmp = join(bench.folder, "tmp");
    await mkdir(tmp, { recursive: true });
    const hunt = new Hunt(bench.with({ TMPDIR: tmp }), substrates);
    await hunt.learn();
    return hunt;
  }

  get canaries(): readonly Canary[] {
    return this.#searcher.canaries;
  }

  get patterns(): number {
    return this.#searcher.patterns;
  }

  /** Collects the lab's canaries again, what has been made since among them; those of before stay. */
  async learn(): Promise<void> {
    const known = new Map(this.canaries.map((canary) => [canary.text.toString("latin1"), canary]));
    const all = await canariesOf(this.#bench, this.#substrates);
    const fresh = all.filter(({ text }) => !known.has(text.toString("latin1")));
    if (fresh.length === 0) return;
    this.#searcher = new Searcher([...this.canaries, ...fresh]);
    const missed = missedBy(this.#searcher);
    if (missed.length > 0) throw new Error(`the search is blind to ${missed.slice(0, 5).join("; ")}`);
  }

  /** Plays one scene, searches what came of it, and gives the leaks. */
  async play({ name, play }: Scene): Promise<readonly Leak[]> {
    const lab = (await this.#bench.home.readTicket())?.pid ?? 0;
    const said: Place[] = [];
    const keep: Stage["keep"] = (kind, source, text) =>
      void said.push({ kind, name: source, bytes: Buffer.from(text) });
    const hear: Stage["hear"] = (command, { exit, stdout, stderr }, exits) => {
      keep("standard output", command, stdout);
      keep("standard error", command, stderr);
      if (!exits.includes(exit ?? -1)) this.spoilt.push({ scene: name, why: `${command}: exit ${exit}` });
    };
    const watch = new Watch(this.#bench.folder, `SUBSTRATE_LAB=${this.#bench.home.path}`, [lab]);
    try {
      await play({ bench: this.#bench, hear, keep });
    } catch (error) {
      this.spoilt.push({ scene: name, why: error instanceof Error ? error.name : "thrown" });
    }
    const written = await watch.stop();
    await this.learn();
    return [...said, ...written].flatMap((place) => this.#judge(name, place));
  }

  #judge(scene: string, place: Place): readonly Leak[] {
    const row = this.rows.get(place.kind) ?? { places: 0, bytes: 0, leaks: 0, allowed: 0 };
    this.rows.set(place.kind, row);
    row.places += 1;
    row.bytes += place.bytes.length;
    const found = this.#searcher.search(place.bytes);
    const allowed = found.filter(({ canary }) => allowanceOf(place, canary.kind) !== undefined);
    for (const { canary } of allowed) this.sighted.add(canary);
    row.allowed += allowed.length;
    const leaks = [
      ...found.filter((sighting) => !allowed.includes(sighting)).map((one) => leakOf(scene, place, one)),
      ...openTo(scene, place),
    ];
    row.leaks += leaks.length;
    this.leaks.push(...leaks);
    return leaks;
  }
}

function leakOf(scene: string, { kind: place, name }: Place, { canary, form }: Sighting): Leak {
  return { scene, place, name, kind: canary.kind, what: canary.label, form };
}

/** A private file that others may read. */
function openTo(scene: string, { kind: place, name, mode }: Place): readonly Leak[] {
  if (mode === undefined || !privatePlaces.includes(place) || (mode & 0o077) === 0) return [];
  return [{ scene, place, name, kind: "mode", what: "others may read it", form: mode.toString(8) }];
}
