// The rules of the layout as one function from source texts to the lines that break them.
import { dirname, join } from "node:path/posix";
import ts from "typescript";

/** A file by its path from the project's root. */
export type Source = { readonly path: string; readonly text: string };

/** What the rules are about. */
export type Layout = {
  /** From left to right: a file imports from its own room and those before it. */
  readonly rooms: readonly string[];
  /** Providers' names and their other names, in lower case. */
  readonly names: Readonly<Record<string, readonly string[]>>;
  /** Files that list all providers. */
  readonly lists: readonly string[];
};

/** `file:line: what is wrong`, for every breach. */
export function breaches(sources: readonly Source[], layout: Layout): string[] {
  const imports = sources.flatMap(importsOf);
  return [
    ...imports.filter((each) => pointsRight(each, layout.rooms)).map(sayRight),
    ...cycles(imports),
    ...sources.flatMap((source) => strayNames(source, layout)),
    ...sources
      .filter(({ path }) => /(^|\/)utils?([./]|$)/i.test(path))
      .map(({ path }) => `${path}:1: says nothing by its name`),
    ...sources.filter(isLong).map(({ path }) => `${path}:301: more than 300 lines`),
  ];
}

type Import = { readonly from: string; readonly line: number; readonly to: string };

/** Static, dynamic, re-exporting and type-only imports, and files that are started by their URL, within the project; data has no room. */
function importsOf({ path, text }: Source): Import[] {
  const found = ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName, pos }) => ({ fileName, pos }));
  for (const match of text.matchAll(/new URL\("(\.[^"]*\.ts)", import\.meta\.url\)/g)) {
    found.push({ fileName: match[1] ?? "", pos: match.index });
  }
  for (const match of text.matchAll(/\bimport\((?!\s*["'])/g))
    found.push({ fileName: "./(computed)", pos: match.index });
  return found
    .filter(({ fileName }) => fileName.startsWith(".") && !fileName.endsWith(".json"))
    .map(({ fileName, pos }) => ({ from: path, line: lineAt(text, pos), to: join(dirname(path), fileName) }));
}

/** A file outside all rooms counts as standing right of everything. */
function pointsRight({ from, to }: Import, rooms: readonly string[]): boolean {
  const own = rooms.indexOf(roomOf(from));
  const other = rooms.indexOf(roomOf(to));
  return own === -1 || other === -1 || other > own || to.endsWith("(computed)");
}

function roomOf(path: string): string {
  const [top = "", second = ""] = path.split("/");
  return top === "src" ? second.replace(/\.ts$/, "") : top;
}

function sayRight({ from, line, to }: Import): string {
  return `${from}:${line}: ${roomOf(from)} must not import ${to}`;
}

/** One breach for each import that leads back to a file still being followed. */
function cycles(imports: readonly Import[]): string[] {
  const byFile = Map.groupBy(imports, ({ from }) => from);
  const done = new Set<string>();
  const follow = (file: string, above: readonly string[]): string[] => {
    if (done.has(file)) return [];
    done.add(file);
    const trail = [...above, file];
    return (byFile.get(file) ?? []).flatMap(({ line, to }) =>
      trail.includes(to)
        ? [`${file}:${line}: closes the cycle ${[...trail.slice(trail.indexOf(to)), to].join(" → ")}`]
        : follow(to, trail),
    );
  };
  return [...byFile.keys()].flatMap((file) => follow(file, []));
}

function strayNames({ path, text }: Source, { names, lists }: Layout): string[] {
  if (lists.includes(path)) return [];
  const strange = Object.entries(names).filter(([name]) => !path.startsWith(`src/substrates/${name}/`));
  const words = strange.flatMap(([, aliases]) => aliases);
  return [path, ...text.split("\n")].flatMap((line, index) =>
    words
      .filter((word) => mentions(line, word))
      .map((word) => `${path}:${Math.max(index, 1)}: names the provider ${word}`),
  );
}

/** As a word of its own or a part of a camelCase one: `pve`, `pveToken`, `readPve`, `PVEAPIToken`, not `association`. */
function mentions(line: string, word: string): boolean {
  const capital = word.charAt(0).toUpperCase() + word.slice(1);
  return new RegExp(`(?<![A-Za-z])${word}(?![a-z])|${capital}(?![a-z])|${word.toUpperCase()}`).test(line);
}

function isLong({ text }: Source): boolean {
  return text.trimEnd().split("\n").length > 300;
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split("\n").length;
}
