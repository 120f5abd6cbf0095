// A short slice of `npm run campaign -- fault`, always the same cases: a look that is disturbed in each of four ways.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prepared } from "../../src/lab/lab.ts";
import { everyCase, nameOf, sampled } from "./fault/cases.ts";
import { Ground } from "./fault/ground.ts";
import { judge } from "./fault/judge.ts";
import { tryCase } from "./fault/trial.ts";

const seed = 20_261_128;
const substrate = "pve";
const { faults } = await prepared([substrate]);
const looks = everyCase([{ substrate, faults }]).filter(({ command }) => command === "look");
const slice = (["fault", "signal", "disk", "clock"] as const).flatMap((kind) => {
  // A disk of one's own is not to be had everywhere.
  const own = looks.filter(
    ({ what }) => what.kind === kind && !(what.kind === "disk" && what.state !== "cut"),
  );
  return sampled(own, { sample: 1, seed });
});

describe.skipIf(process.platform !== "linux")("what goes wrong at a random moment", () => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await Ground.open(substrate);
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  it.each(slice.map((one) => [nameOf(one), one] as const))("is withstood: %s", async (_name, one) => {
    const { seen, known } = await tryCase(ground, one, new AbortController().signal);
    expect(judge(one, seen, known), seen.lines.map(({ text }) => text).join("\n")).toEqual([]);
  });
});
