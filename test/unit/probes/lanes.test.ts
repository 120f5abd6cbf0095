import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { Unreadable } from "../../../src/check/unreadable.ts";
import { Lanes } from "../../../src/probes/transports/lanes.ts";

const never = new AbortController().signal;

/** Work that ends when it is told to. */
function held() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { work: () => promise, end: resolve };
}

it("So many at once, the others in the order in which they came, whatever the ones before came to", async () => {
  const lanes = new Lanes(2);
  const begun: number[] = [];
  const works = [0, 1, 2, 3].map(held);
  const done = works.map(({ work }, index) =>
    lanes.run(async () => {
      begun.push(index);
      await work();
      if (index === 0) throw new Error("lost");
    }, never),
  );
  await turn();
  expect(begun).toEqual([0, 1]);
  works[0]?.end();
  await expect(done[0]).rejects.toThrow("lost");
  await turn();
  expect(begun).toEqual([0, 1, 2]);
  for (const { end } of works) end();
  await Promise.all(done.slice(1));
  expect(begun).toEqual([0, 1, 2, 3]);
});

it("Whoever gives up waiting leaves its turn to the next, and never begins", async () => {
  const lanes = new Lanes(1);
  const first = held();
  const running = lanes.run(first.work, never);
  const late = expect(
    lanes.run(() => Promise.reject(new Error("begun")), AbortSignal.timeout(1)),
  ).rejects.toMatchObject({ constructor: Unreadable, reason: "timeout" });
  const next = lanes.run(async () => "its turn", never);
  await late;
  first.end();
  await running;
  expect(await next).toBe("its turn");
});
