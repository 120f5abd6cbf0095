import { expect, it } from "vitest";
import { releaseLater } from "../../../src/qualification/freeze.ts";

/** Giving back that fails so many times first. */
function failing(times: number) {
  let tries = 0;
  const release = async () => {
    tries += 1;
    if (tries <= times) throw new Error("the backend is away");
  };
  return { release, tries: () => tries };
}

it("A freeze that could not be given back is tried until it is", async () => {
  const { release, tries } = failing(3);
  await releaseLater(release, { lasting: 60_000, between: 1 });
  expect(tries()).toBe(4);
});

it("and no longer than it lasts", async () => {
  const { release, tries } = failing(Number.POSITIVE_INFINITY);
  await releaseLater(release, { lasting: 20, between: 5 });
  expect(tries()).toBeGreaterThan(1);
});
