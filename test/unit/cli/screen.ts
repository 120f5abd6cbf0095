// A terminal that keeps what a person would see: a grid of rows that scrolls, for the few codes that we send.
import { Writable } from "node:stream";

// biome-ignore lint/suspicious/noControlCharactersInRegex: the codes of a terminal begin with one
const codes = /\u001b\[(\??)(\d*)([A-Za-z])|[^\u001b]/gu;

/** A stream that says it is a terminal, and what stands on it. An unknown code is an error. */
export class FakeTerminal extends Writable {
  readonly isTTY = true;
  columns: number;
  rows: number;
  /** Everything that was written, codes and all. */
  raw = "";
  /** How often something was written. */
  writes = 0;
  cursorVisible = true;
  #lines: string[] = [""];
  #stalled: (() => void)[] | undefined;
  #row = 0;
  #column = 0;

  constructor(columns: number, rows: number) {
    super({ decodeStrings: false, highWaterMark: 1 });
    this.columns = columns;
    this.rows = rows;
  }

  /** All lines, those that have scrolled away too. */
  get history(): string[] {
    return this.#lines.map((line) => line.trimEnd());
  }

  /** The lines that are visible now. */
  get visible(): string[] {
    return this.history.slice(-this.rows);
  }

  /** Becomes narrower or wider and breaks long lines anew, as most terminals do. */
  resize(columns: number): void {
    this.columns = columns;
    this.#lines = this.#lines.flatMap((line) => line.match(new RegExp(`.{1,${columns}}`, "gu")) ?? [line]);
    this.#row = this.#lines.length - 1;
  }

  /** From now on takes nothing in, as a connection that hangs. */
  stall(): void {
    this.#stalled = [];
  }

  recover(): void {
    const waiting = this.#stalled ?? [];
    this.#stalled = undefined;
    for (const done of waiting) done();
  }

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.writes++;
    this.#take(String(chunk));
    if (this.#stalled === undefined) done();
    else this.#stalled.push(done);
  }

  #take(chunk: string): void {
    this.raw += chunk;
    for (const [text, ...code] of chunk.matchAll(codes)) {
      if (code[2] === undefined) this.#put(text);
      else this.#obey(`${code[0]}${code[2]}`, Number(code[1] || "1"));
    }
  }

  #put(text: string): void {
    if (text === "\n" || (text !== "\r" && this.#column === this.columns)) this.#feed();
    if (text === "\r") this.#column = 0;
    if (text === "\n" || text === "\r") return;
    const line = (this.#lines[this.#row] ?? "").padEnd(this.#column);
    this.#lines[this.#row] = line.slice(0, this.#column) + text + line.slice(this.#column + 1);
    this.#column++;
  }

  #feed(): void {
    this.#row++;
    this.#column = 0;
    this.#lines[this.#row] ??= "";
  }

  #obey(code: string, count: number): void {
    if (code === "m") return;
    if (code === "?h" || code === "?l") {
      this.cursorVisible = code === "?h";
      return;
    }
    // What has scrolled off the top can not be reached again.
    if (code === "A") this.#row = Math.max(0, this.#lines.length - this.rows, this.#row - count);
    else if (code === "J") {
      this.#lines.splice(this.#row + 1);
      this.#lines[this.#row] = (this.#lines[this.#row] ?? "").slice(0, this.#column);
    } else throw new Error(`this terminal does not know the code ${JSON.stringify(code)}`);
  }
}

/** A stream that is no terminal, and what was written to it. */
export class FakeFile extends Writable {
  text = "";

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}

/** A clock that stands still until it is moved. */
export class FakeClock {
  #now = 0;
  readonly #beats = new Set<{ ms: number; next: number; beat: () => void }>();

  readonly now = (): number => this.#now;

  readonly every = (ms: number, beat: () => void): (() => void) => {
    const entry = { ms, next: this.#now + ms, beat };
    this.#beats.add(entry);
    return () => this.#beats.delete(entry);
  };

  /** How many beats have not been stopped. */
  get beating(): number {
    return this.#beats.size;
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (let due = this.#due(end); due !== undefined; due = this.#due(end)) {
      this.#now = due.next;
      due.next += due.ms;
      due.beat();
    }
    this.#now = end;
  }

  #due(end: number) {
    return [...this.#beats].filter(({ next }) => next <= end).sort((a, b) => a.next - b.next)[0];
  }
}
