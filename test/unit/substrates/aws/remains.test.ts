import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Unreadable } from "../../../../src/check/unreadable.ts";
import { aws as substrate } from "../../../../src/substrates/aws/substrate.ts";
import { type Aws, startAws } from "../../../support/aws.ts";
import { believing, nowhere, runPlan } from "../../../support/checks.ts";
import { patience } from "../../../support/declared.ts";

let aws: Aws;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws[Symbol.asyncDispose]());

/** What is left of a run: the last check's answer. */
async function remains(run = aws.run) {
  await using closing = new AsyncDisposableStack();
  const sight = {
    ...{ run, hostKeys: believing, edge: nowhere, repair: false, debug: () => undefined, closing },
    invoke: (token: string, args: Readonly<Record<string, unknown>>, signal: AbortSignal) =>
      aws.session.invoke(token, args, signal).catch((error: unknown) => {
        throw new Unreadable("engine", String(error));
      }),
    idOf: (name: string) => aws.things.get(name)?.id,
  };
  const inspection = await substrate.open(aws.raw, "test").inspect();
  const { outcomes } = await runPlan(inspection.remains?.(sight, 0) ?? []);
  return outcomes.at(-1);
}

/** Deletes what can be deleted now; what others hang on has to wait for them. */
async function deleteAll(but: string): Promise<void> {
  const left = [...aws.things].filter(([name]) => name !== but);
  for (let round = 0; round < left.length; round += 1)
    for (const [, { type, id, outputs }] of left)
      await aws.running.outsider
        .resource(type)
        .delete(id, outputs, AbortSignal.timeout(patience))
        .catch(() => undefined);
}

describe("what is left of a run in AWS", () => {
  it("is everything before it is destroyed, and nothing of a run that never was", async () => {
    expect(await remains()).toMatch(/^fail: \d\d things carry the run's tag$/);
    expect(await remains({ ...aws.run, id: "run-nobody" })).toBe("pass: nothing of the run is left");
  });

  it("is a single forgotten address, then nothing", async () => {
    await deleteAll("client1-address");
    expect(await remains()).toBe("fail: 1 things carry the run's tag");
    await deleteAll("");
    expect(await remains()).toBe("pass: nothing of the run is left");
  });
});
