// A short slice of `npm run campaign -- hostile`, always the same cases.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostileCloudLooks } from "./cloudlooks.ts";
import { floods } from "./floods.ts";
import { hostilities } from "./hostilities.ts";
import { hostileLooks } from "./looks.ts";

const seed = 20_261_123;

describe("what outsiders write neither breaks its reader, nor passes, nor is repeated", async () => {
  it.each((await hostilities()).map((each) => [each.name, each] as const))(
    "%s",
    async (_name, { attempt }) => {
      expect(await attempt({ cases: 60, seed })).toBeUndefined();
    },
  );
});

describe("a far end that does not stop talking", () => {
  it.each(floods.map((each) => [each.name, each] as const))("%s", async (_name, { attempt }) => {
    expect(await attempt({ cases: 64, seed })).toBeUndefined();
  });
});

describe("an API that answers with junk", () => {
  let looks: Awaited<ReturnType<typeof hostileLooks>>;
  beforeAll(async () => {
    looks = await hostileLooks();
  });
  afterAll(() => looks[Symbol.asyncDispose]());

  it("neither breaks a look, nor is passed, nor failed unseen", async () => {
    for (const { name, attempt } of looks.all)
      expect(await attempt({ cases: 4, seed }), name).toBeUndefined();
  });
});

describe("a cloud that answers with junk", () => {
  let looks: Awaited<ReturnType<typeof hostileCloudLooks>>;
  beforeAll(async () => {
    looks = await hostileCloudLooks();
  });
  afterAll(() => looks[Symbol.asyncDispose]());

  it("neither breaks a look, nor is taken at its word, nor failed unseen", async () => {
    for (const { name, attempt } of looks.all)
      expect(await attempt({ cases: 2, seed }), name).toBeUndefined();
  });
});
