// A block of lines at the bottom of a terminal that is rewritten in place, with finished lines moving up above it.
import type { Writable } from "node:stream";
import { styleText } from "node:util";

/** Standard output or error, or a stream that stands in for it. */
export type Screen = Writable & {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
};

/** A line without line ends or control characters, and how it is shown. */
export type Line = { readonly text: string; readonly style?: Style };

type Style = "red" | "yellow" | "green" | "bold" | "dim";

const csi = "\u001b[";
const hideCursor = `${csi}?25l`;
const showCursor = `${csi}?25h`;
const eraseBelow = `${csi}J`;

/** The size of a screen; 80 × 24 where it tells none. */
export function sizeOf(screen: Screen): { readonly columns: number; readonly rows: number } {
  return { columns: screen.columns || 80, rows: screen.rows || 24 };
}

/** The block. The cursor is hidden from the first {@link LiveBlock.show} to {@link LiveBlock.close}. */
export class LiveBlock {
  readonly #screen: Screen;
  #shown: readonly string[] | undefined;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Whether the screen takes more; a slow connection gets fewer repaints instead of a queue of them. */
  get ready(): boolean {
    return !this.#screen.writableNeedDrain;
  }

  /** Adds lines above for good, whole, and replaces the block; its lines are cut to the width. */
  show(above: readonly Line[], block: readonly Line[]): void {
    const { columns, rows } = sizeOf(this.#screen);
    const cut = block
      .slice(-rows)
      .map(({ text, ...rest }) => ({ ...rest, text: shorten(text, columns - 1) }));
    const begin = this.#shown === undefined ? hideCursor : toTop(this.#shown, columns);
    const finished = above.map((line) => `${styled(line)}\n`).join("");
    this.#screen.write(begin + eraseBelow + finished + cut.map(styled).join("\n"));
    this.#shown = cut.map(({ text }) => text);
  }

  /** Leaves the block standing and gives the cursor back, below it; doing so twice is harmless. */
  close(): void {
    if (this.#shown === undefined) return;
    this.#screen.write(`${this.#shown.length === 0 ? "" : "\n"}${showCursor}`);
    this.#shown = undefined;
  }
}

/** Since the block was written the terminal may have become narrower and broken its lines in two. */
function toTop(shown: readonly string[], columns: number): string {
  const rows = shown.reduce((sum, text) => sum + Math.max(1, Math.ceil(text.length / columns)), 0);
  return rows > 1 ? `\r${csi}${rows - 1}A` : "\r";
}

function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** The caller has decided that colours are wanted. */
function styled({ text, style }: Line): string {
  return style === undefined ? text : styleText(style, text, { validateStream: false });
}
