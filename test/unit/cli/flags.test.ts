import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { type Command, type Flags, readFlags } from "../../../src/cli/flags.ts";
import { helpOf } from "../../../src/cli/help.ts";
import { duration } from "../../../src/environment/duration.ts";
import { type Name, name } from "../../../src/environment/name.ts";
import { Problem } from "../../../src/environment/problem.ts";

const command = {
  name: "certify.sh",
  summary: "Proves that an environment is healthy, or repairs it and then proves it.",
  flags: {
    environment: { kind: "value", shown: "<name>", parse: name, required: true, help: "which environment" },
    topology: {
      kind: "value",
      shown: "<name>",
      parse: name,
      required: true,
      help: "the topology that the release needs",
    },
    out: {
      kind: "value",
      shown: "<file>",
      parse: z.string(),
      required: true,
      help: "where the manifest goes",
    },
    repair: {
      kind: "boolean",
      help: "mend what is wrong before the final checks; without it nothing is written anywhere",
    },
    "valid-for": {
      kind: "value",
      shown: "<duration>",
      parse: duration,
      default: "24h",
      help: "how long a pass holds",
    },
    deadline: { kind: "value", shown: "<duration>", parse: duration, help: "when to give up" },
  },
} as const satisfies Command<Flags>;

const least = ["--environment", "lab", "--topology", "sam-full", "--out", "m.json"];

describe("reading flags", () => {
  test("gives parsed values, defaults and switches under the flags' names", () => {
    const given = readFlags(command, [...least, "--repair", "--deadline=15m"]);
    expect(given).toEqual({
      environment: "lab",
      topology: "sam-full",
      out: "m.json",
      repair: true,
      "valid-for": 86_400_000,
      deadline: 900_000,
    });
  });

  test("knows the types of the values", () => {
    const given = readFlags(command, least);
    if (given === "help") throw new Error("nobody asked for help");
    expectTypeOf(given.environment).toEqualTypeOf<Name>();
    expectTypeOf(given.repair).toEqualTypeOf<boolean>();
    expectTypeOf(given["valid-for"]).toEqualTypeOf<number>();
    expectTypeOf(given.deadline).toEqualTypeOf<number | undefined>();
    expect(given).toMatchObject({ repair: false, deadline: undefined });
  });

  test.each([["--help"], ["-h"]])("answers %s with help, whatever else is wrong", (flag) => {
    expect(readFlags(command, ["--environmant", "x", "--out", "--repair", flag])).toBe("help");
  });

  test("takes a value that begins with a dash or holds an equals sign where it is written inline", () => {
    expect(readFlags(command, [...least.slice(0, 4), "--out=-a=b.json"])).toMatchObject({ out: "-a=b.json" });
  });

  test.each([
    [
      "an unknown flag",
      [...least, "--fast"],
      'certify.sh: expected a flag that it knows, got "--fast" — --help lists its flags',
    ],
    ["a misspelt flag", ["--enviroment", "lab"], 'got "--enviroment" — did you mean --environment?'],
    ["a swapped flag", [...least, "--reapir"], 'got "--reapir" — did you mean --repair?'],
    ["a cut flag", [...least, "--dead", "5s"], 'got "--dead" — did you mean --deadline?'],
    [
      "a flag that every object has",
      [...least, "--constructor"],
      'got "--constructor" — --help lists its flags',
    ],
    ["a short flag", [...least, "-r"], 'got "-r" — --help lists its flags'],
    [
      "an argument that is no flag",
      [...least, "lab"],
      'certify.sh: expected flags only, got "lab" — --help lists its flags',
    ],
    ["help behind the end of flags", [...least, "--", "--help"], 'expected flags only, got "--help"'],
    ["escape codes", [...least, "--\u001b[2J"], 'got "--\\u001b[2J"'],
    [
      "a flag given twice",
      [...least, "--out", "n.json"],
      "--out: expected the flag once, got it twice — leave one out",
    ],
    ["a switch given twice", [...least, "--repair", "--repair"], "--repair: expected the flag once"],
    [
      "a flag without its value at the end",
      ["--out"],
      "--out: expected <file>, got no value — write --out <file>",
    ],
    [
      "a flag without its value before the next",
      ["--out", "--repair"],
      "--out: expected <file>, got no value",
    ],
    ["an empty value", ["--out="], "--out: expected <file>, got no value"],
    [
      "a switch with a value",
      [...least, "--repair=no"],
      '--repair: expected no value, got "no" — write --repair alone',
    ],
    ["one missing flag", least.slice(0, 4), "certify.sh: expected also --out <file> — add what is missing"],
    [
      "all missing flags",
      ["--repair"],
      "expected also --environment <name>, --topology <name>, and --out <file> —",
    ],
    [
      "a wrong value",
      [...least, "--deadline", "soon"],
      '--deadline: expected a duration such as 30s, 15m, 24h or 7d, got "soon"',
    ],
  ])("refuses %s in one line", (_name, argv, says) => {
    const thrown = problemOf(argv);
    expect(thrown.message).toContain(says);
    expect(thrown.message).not.toContain("\n");
  });
});

describe("a flag that may be given twice, and reads standard input", () => {
  const gate = {
    name: "gate.sh",
    summary: "Judges.",
    flags: {
      certification: {
        kind: "value",
        shown: "<file>",
        parse: z.string(),
        required: true,
        most: 2,
        dash: true,
        help: "",
      },
    },
    exits: [[0, "it may start"]],
  } as const satisfies Command<Flags>;

  test.each([
    [["--certification", "a"], ["a"]],
    [
      ["--certification", "b", "--certification=a"],
      ["b", "a"],
    ],
    [["--certification", "-"], ["-"]],
  ])("takes %j", (argv, certification) => {
    const given = readFlags(gate, argv);
    if (given === "help") throw new Error("nobody asked for help");
    expectTypeOf(given.certification).toEqualTypeOf<readonly string[]>();
    expect(given).toEqual({ certification });
  });

  test.each([
    [
      ["--certification=a", "--certification=b", "--certification=c"],
      "--certification: expected the flag at most 2 times, got it 3 times",
    ],
    [["--certification", "--"], "--certification: expected <file>, got no value"],
    [[], "gate.sh: expected also --certification <file>"],
  ])("refuses %j", (argv, says) => {
    expect(() => readFlags(gate, argv)).toThrow(says);
  });

  test("is not every flag: others take no dash for a value", () => {
    expect(problemOf(["--out", "-"]).message).toContain("--out: expected <file>, got no value");
  });

  test("belongs to a command that has exit codes of its own", () => {
    expect(helpOf(gate, 64)).toMatch(/Exit codes:\n {2}0 {2}it may start$/);
  });
});

describe("help", () => {
  test("shows usage, flags and exit codes in columns that fit", () => {
    expect(helpOf(command, 64)).toBe(`Usage: certify.sh --environment <name> --topology <name>
    --out <file> [--repair] [--valid-for <duration>]
    [--deadline <duration>]

Proves that an environment is healthy, or repairs it and then
proves it.

Flags:
  --environment <name>    which environment
  --topology <name>       the topology that the release needs
  --out <file>            where the manifest goes
  --repair                mend what is wrong before the final
                          checks; without it nothing is written
                          anywhere
  --valid-for <duration>  how long a pass holds (default 24h)
  --deadline <duration>   when to give up
  -h, --help              show this text

Exit codes:
  0  certified
  1  not certified: the environment is not usable, or its
     certification has expired
  2  wrong usage or configuration; nothing was looked at
  3  not certified: something could not be inspected or repaired`);
  });

  test.each([40, 53, 80, 100])("never leaves %i columns, and names every flag", (columns) => {
    const help = helpOf(command, columns);
    expect(Math.max(...help.split("\n").map((line) => line.length))).toBeLessThanOrEqual(columns);
    for (const flag of Object.keys(command.flags)) expect(help).toMatch(new RegExp(`^  --${flag}\\b`, "m"));
  });
});

function problemOf(argv: readonly string[]): Problem {
  try {
    readFlags(command, argv);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("expected a Problem");
}
