import { expect, it } from "vitest";
import { releaseLater } from "../../../src/qualification/freeze.ts";

it("A freeze that could not be given back is tried until it is", async () => {
  let tries = 0;
  const release = async () => {
    tries += 1;
    if (tries < 4) throw new Error("the backend is away");
  };
  await releaseLater(release, { between: 1, signal: new AbortController().signal });
  expect(tries).toBe(4);
});

it("and no longer than it lasts, or whoever waits is told to end", async () => {
  const over = new AbortController();
  let tries = 0;
  const release = async () => {
    tries += 1;
    if (tries === 3) over.abort();
    throw new Error("the backend is away");
  };
  await releaseLater(release, { between: 1, signal: over.signal });
  expect(tries).toBe(3);
});
