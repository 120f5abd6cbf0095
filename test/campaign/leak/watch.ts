// What can be seen of commands while they run: every file they write, however briefly, and each process of theirs.
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { running } from "../../e2e/processes.ts";
import type { PlaceKind } from "./allowed.ts";

/** Something that was written, or could be seen. */
export type Place = {
  readonly kind: PlaceKind;
  /** A file's path in the bench's folder, a command, or a program. */
  readonly name: string;
  readonly bytes: Buffer;
  /** A file's permissions. */
  readonly mode?: number;
};

/** Where files belong, by their paths in the bench's folder; the first that fits. */
const filed: readonly (readonly [RegExp, PlaceKind])[] = [
  [/^lab\/state\//, "state"],
  [/^tmp\//, "temporary file"],
  [/^checkout\/(?!node_modules)/, "checkout"],
  [/\.plan\.json$/, "plan"],
  [/\.product\.json/, "product report"],
  [/^evidence\//, "evidence log"],
  [/^[^/]*debug[^/]*\.log$/, "debug log"],
  [/junit\.xml/, "JUnit"],
  [/\.md$/, "Markdown"],
  [/^\.?result/, "result"],
  [/manifest\.json/, "manifest"],
];

/** The lab's own files, which are no output of any command, and what a test made on purpose. */
const labs =
  /^(lab\/(?!state(\/|$))|overlay[^/]*\.json$|given\/|bin-|checkout\/(node_modules|src|policy|scripts)(\/|$))/;

/** How long nobody looks, in ms. */
const blink = 100;

/** Looks at files and processes of a bench until it is told to stop. */
export class Watch {
  readonly #folder: string;
  readonly #variable: string;
  readonly #except: readonly number[];
  readonly #seen = new Map<string, Place>();
  readonly #stats = new Map<string, string>();
  readonly #stopping = new AbortController();
  readonly #looking: Promise<void>;

  /**
   * @param variable `NAME=value` that all processes of the bench have in their environment
   * @param except processes that are no commands: the lab
   */
  constructor(folder: string, variable: string, except: readonly number[]) {
    this.#folder = folder;
    this.#variable = variable;
    this.#except = except;
    this.#looking = this.#look();
  }

  /** Looks once more, and gives everything that was there at any time, each content once. */
  async stop(): Promise<readonly Place[]> {
    this.#stopping.abort();
    await this.#looking;
    await this.#lookAtFiles();
    return [...this.#seen.values()];
  }

  async #look(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await Promise.all([this.#lookAtFiles(), this.#lookAtProcesses()]);
      await pause(blink, undefined, { signal }).catch(() => undefined);
    }
  }

  async #lookAtFiles(): Promise<void> {
    const names = await filesIn(this.#folder);
    await Promise.all(names.map((name) => this.#lookAtFile(name)));
  }

  async #lookAtFile(name: string): Promise<void> {
    const path = join(this.#folder, name);
    // Whatever is gone again by now was there for less than a blink.
    const found = await stat(path).catch(() => undefined);
    const key = `${found?.ino} ${found?.mtimeMs} ${found?.size}`;
    if (found === undefined || this.#stats.get(name) === key) return;
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes === undefined) return;
    this.#stats.set(name, key);
    const kind = filed.find(([pattern]) => pattern.test(name))?.[1] ?? "unknown file";
    this.#keep({ kind, name, bytes, mode: found.mode & 0o777 });
  }

  async #lookAtProcesses(): Promise<void> {
    if (process.platform !== "linux") return;
    for (const { pid, line, variables } of await running(this.#variable)) {
      if (pid === process.pid || this.#except.includes(pid)) continue;
      const name = line.split(" ", 2).join(" ");
      this.#keep({ kind: "arguments", name, bytes: Buffer.from(line) });
      this.#keep({ kind: "environment", name, bytes: Buffer.from(variables.join("\n")) });
    }
  }

  #keep(place: Place): void {
    const digest = createHash("sha256").update(place.bytes).digest("hex");
    this.#seen.set(`${place.kind} ${place.name} ${place.mode} ${digest}`, place);
  }
}

/** Every file below, by its path; what goes away meanwhile is left out. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  const enter = async (inner: string): Promise<void> => {
    for (const entry of await readdir(inner, { withFileTypes: true }).catch(() => [])) {
      const path = join(inner, entry.name);
      if (labs.test(relative(folder, path))) continue;
      if (entry.isDirectory()) await enter(path);
      else if (entry.isFile()) found.push(relative(folder, path));
    }
  };
  await enter(folder);
  return found;
}
