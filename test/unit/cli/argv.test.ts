import { expect, test } from "vitest";
import { argv } from "../../../src/cli/argv.ts";

test.each([
  ["/usr/bin/true", ["/usr/bin/true"]],
  ["/my tests/run it --all", ["/my tests/run it --all"]],
  ['["run","--all","two words","$HOME",""]', ["run", "--all", "two words", "$HOME", ""]],
])("%s is taken as whole words", (text, expected) => {
  expect(argv.parse(text)).toEqual(expected);
});

test.each(["", "[]", '["run"', '["run", 1]', '[""]', '[["run"]]'])("%j is refused", (text) => {
  expect(argv.safeParse(text).success).toBe(false);
});
