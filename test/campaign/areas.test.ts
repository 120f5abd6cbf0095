import { globSync } from "node:fs";
import { expect, test } from "vitest";
import { areas } from "./areas.ts";

const files = (globs: readonly string[]) => globs.flatMap((glob) => globSync(glob));

test.each(Object.entries(areas))(
  "everything that is mutated as %s is there, and so are its tests",
  (_name, area) => {
    for (const glob of [...area.mutated, ...area.tests].flatMap(alternatives))
      expect(globSync(glob), glob).not.toEqual([]);
  },
);

test("no file is mutated twice", () => {
  const mutated = Object.values(areas).flatMap((area) => files(area.mutated));
  expect(mutated).toEqual([...new Set(mutated)]);
});

/** `a/{b,c}.ts` as `a/b.ts` and `a/c.ts`: each of them must be there. */
function alternatives(glob: string): readonly string[] {
  const [, before = "", names, after = ""] = /^(.*)\{(.*)\}(.*)$/.exec(glob) ?? [];
  return names === undefined ? [glob] : names.split(",").map((name) => `${before}${name}${after}`);
}
