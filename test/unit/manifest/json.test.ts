import { expect, test } from "vitest";
import { parseJson } from "../../../src/manifest/json.ts";

test.each([
  '{"a":{"x":1},"x":2}',
  '[{"x":1},{"x":2}]',
  '{"a":"x\\":1","x":2}',
  '{"a":"{","b":"}","c":["}","\\\\","{"]}',
  '{"a":"\\\\\\"{\\n","b":{"a":"b\\tc\\\\"}}',
])("%s has every key once in its place", (text) => {
  expect(parseJson(text)).toEqual(JSON.parse(text));
});

test.each([
  ['{"x":1,"a":{"b":{}},"x":2}', 'the key "x" twice'],
  ['{"a":{"x":1,"b":[{}],"x":2}}', 'the key "x" twice'],
  ['{"x":"{","x":2}', 'the key "x" twice'],
  ['{"x":"}{","x":2}', 'the key "x" twice'],
  ['{"x":["\\"{",1],"x":2}', 'the key "x" twice'],
  ['{"x":["\\\\","{"],"x":2}', 'the key "x" twice'],
  ['{"x":["a\\n\\t{","b\\\\c{"],"x":2}', 'the key "x" twice'],
  ['{"x":1, "x" : 2}', 'the key "x" twice'],
  ['{"a\\nb":1,"a\\u000ab":2}', 'the key "a\\nb" twice'],
  ['[{"__proto__":1}]', "the key __proto__"],
])("%s is refused, for parsers settle it differently", (text, message) => {
  expect(() => parseJson(text)).toThrow(new SyntaxError(message));
});

test.each([
  ["{x", "no JSON at line 1 column 2"],
  [`{"a":1,${"\n".repeat(10)}           x}`, "no JSON at line 11 column 12"],
  ["[1,", "no JSON"],
  ["nope (line 3 column 4)", "no JSON"],
])("%j is told by its place alone, and by none that the text itself names", (text, message) => {
  expect(() => parseJson(text)).toThrow(new SyntaxError(message));
});

test("what the parser said is kept for the debug log", () => {
  expect(() => parseJson("nope")).toThrow(expect.objectContaining({ cause: expect.any(SyntaxError) }));
});
