// Hostile values, and small edits that make hostile ones of good ones.
import fc from "fast-check";

/** What has broken parsers before: prototypes, terminals, numbers that are none, paths, and sheer length. */
const nasty: readonly unknown[] = [
  ...[
    "",
    " ",
    "__proto__",
    "constructor",
    "\u001B[2J\u001B]0;x\u0007",
    "\u0000",
    "\uD800",
    "\r\n\r\n",
    "\u202Efdp",
  ],
  ...[
    "../../../etc/passwd",
    "$(reboot)",
    "%s%n",
    "9".repeat(400),
    "1e999",
    "NaN",
    "-1",
    "0x10",
    "x".repeat(70_000),
  ],
  ...[null, true, -1, 1.5, 1e300, -0, Number.MAX_SAFE_INTEGER, [], {}, [[]], { data: null }],
];

/** Any JSON, or something nasty. */
export const junk: fc.Arbitrary<unknown> = fc.oneof(fc.constantFrom(...nasty), fc.jsonValue({ maxDepth: 3 }));

/** Text as a far end might send it: any bytes, escapes, lines, or JSON of anything. */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.constantFrom(...nasty.filter((value) => typeof value === "string")),
  junk.map((value) => JSON.stringify(value) ?? ""),
  fc.array(fc.string(), { maxLength: 8 }).map((lines) => lines.join("\n")),
);

/** A good text with a piece of it replaced by another. */
export function editedText(good: string): fc.Arbitrary<string> {
  const place = fc.nat(good.length);
  return fc
    .tuple(place, fc.nat(20), text)
    .map(([at, length, other]) => good.slice(0, at) + other + good.slice(at + length));
}

type Path = readonly (string | number)[];

/** Good JSON with one thing in it, at any depth, replaced, taken away, or joined by another. */
export function edited(good: unknown): fc.Arbitrary<unknown> {
  const where = fc.constantFrom(...pathsOf(good));
  return fc.oneof(
    fc.tuple(where, junk).map(([path, value]) => editAt(good, path, () => [value])),
    where.map((path) => editAt(good, path, () => [])),
    fc
      .tuple(where, fc.oneof(fc.constantFrom("__proto__", "constructor"), fc.string()), junk)
      .map(([path, key, value]) => editAt(good, path, (old) => [joined(old, key, value)])),
  );
}

function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  return [path, ...entriesOf(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

function entriesOf(value: unknown): readonly (readonly [string | number, unknown])[] {
  if (Array.isArray(value)) return value.map((inner, index) => [index, inner] as const);
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

/** With what stands at the path changed to one thing or to nothing. */
function editAt(
  value: unknown,
  [first, ...rest]: Path,
  change: (old: unknown) => readonly unknown[],
): unknown {
  if (first === undefined) return change(value)[0];
  const inner = (key: string | number, old: unknown) =>
    key !== first ? [old] : rest.length > 0 ? [editAt(old, rest, change)] : change(old);
  if (Array.isArray(value)) return value.flatMap((old, index) => inner(index, old));
  return Object.fromEntries(
    entriesOf(value).flatMap(([key, old]) => inner(key, old).map((one) => [key, one] as const)),
  );
}

function joined(old: unknown, key: string, value: unknown): unknown {
  if (Array.isArray(old)) return [...old, value];
  return typeof old === "object" && old !== null
    ? Object.fromEntries([...Object.entries(old), [key, value]])
    : value;
}
