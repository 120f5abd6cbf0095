import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Unreadable } from "../../../src/check/unreadable.ts";
import { name } from "../../../src/environment/name.ts";
import { GuestMesh } from "../../../src/probes/mesh.ts";
import type { Probe, Reading } from "../../../src/probes/transport.ts";

const signal = AbortSignal.timeout(30_000);
const source = name.parse("router1");
const ready = Promise.resolve();

function reading(stdout: string, truncated = false): Reading {
  return { exit: 0, stdout, stderr: "", truncated };
}

/** A guest that answers each probe with its last word, but for what it is asked to leave out or to cut short. */
async function echo(probes: readonly Probe[]): Promise<ReadonlyMap<string, Reading>> {
  const answers = probes.map(({ id, argv }) => [id, argv.at(-1) ?? ""] as const);
  const given = answers.filter(([, word]) => word !== "nothing");
  return new Map(given.map(([id, word]) => [id, reading(word, word === "cut")]));
}

function ask(word: string) {
  const probe: Probe = { id: "echo", argv: ["echo", word], timeout: 1 };
  return async () => ({ probe, read: ({ stdout }: Reading) => `heard ${stdout}` });
}

describe("the batch of a guest", () => {
  it("is run once for all who read of it, and each is told what its own question came to", async () => {
    const asked: (readonly Probe[])[] = [];
    const run = async (probes: readonly Probe[]) => {
      asked.push(probes);
      return echo(probes);
    };
    const mesh = new GuestMesh(ready, () => ({ run }));
    const [one, other] = [mesh.plan(source, ask("one")), mesh.plan(source, ask("other"))];
    expect(await Promise.all([other(signal), one(signal), one(signal)])).toEqual([
      "heard other",
      "heard one",
      "heard one",
    ]);
    expect(asked).toHaveLength(1);
  });

  it("says of each question why it has no answer, and of the others what they came to", async () => {
    const mesh = new GuestMesh(ready, () => ({ run: echo }));
    const lost = mesh.plan(source, async () => {
      throw new Unreadable("no-expectation", "no public address");
    });
    const garbled = mesh.plan(source, async () => {
      const read = (): string => {
        throw new Unreadable("unparsable", "words");
      };
      return { ...(await ask("words")()), read };
    });
    const [silent, cut] = [mesh.plan(source, ask("nothing")), mesh.plan(source, ask("cut"))];
    const well = mesh.plan(source, ask("well"));
    await expect(lost(signal)).rejects.toMatchObject({ reason: "no-expectation" });
    await expect(garbled(signal)).rejects.toMatchObject({ reason: "unparsable" });
    await expect(silent(signal)).rejects.toMatchObject({ reason: "truncated" });
    await expect(cut(signal)).rejects.toMatchObject({ reason: "truncated" });
    expect(await well(signal)).toBe("heard well");
  });

  it("is not sent where none of its questions could be made", async () => {
    const run = () => Promise.reject(new Error("sent"));
    const mesh = new GuestMesh(ready, () => ({ run }));
    const lost = mesh.plan(source, () => Promise.reject(new Unreadable("no-expectation", "an address")));
    await expect(lost(signal)).rejects.toMatchObject({ reason: "no-expectation" });
  });

  it("that could not be run is the reason of all of its questions", async () => {
    const run = () => Promise.reject(new Unreadable("unreachable", "no session"));
    const mesh = new GuestMesh(ready, () => ({ run }));
    const both = [mesh.plan(source, ask("one")), mesh.plan(source, ask("other"))];
    for (const one of both) await expect(one(signal)).rejects.toMatchObject({ reason: "unreachable" });
  });

  it("is complete when any of it has been read", async () => {
    const mesh = new GuestMesh(ready, () => ({ run: echo }));
    await mesh.plan(source, ask("one"))(signal);
    expect(() => mesh.plan(source, ask("late"))).toThrow("too late");
  });

  it("waits until all guests have settled, since one that boots would not answer", async () => {
    const booting = Promise.withResolvers<void>();
    const mesh = new GuestMesh(Promise.all([ready, booting.promise]), () => ({ run: echo }));
    let told: string | undefined;
    const reads = mesh
      .plan(
        source,
        ask("up"),
      )(signal)
      .then((answer) => {
        told = answer;
      });
    await turn();
    expect(told).toBeUndefined();
    booting.resolve();
    await reads;
    expect(told).toBe("heard up");
  });
});

it("Of many guests some are asked at a time, and what the others are asked is not even made before their turn", async () => {
  const names = Array.from({ length: 40 }, (_, index) => name.parse(`guest${index}`));
  const answering = Promise.withResolvers<void>();
  let [made, sent] = [0, 0];
  const run = async (probes: readonly Probe[]) => {
    sent += 1;
    await answering.promise;
    return echo(probes);
  };
  const mesh = new GuestMesh(ready, () => ({ run }));
  const reads = names.map((one) =>
    mesh.plan(one, async () => {
      made += 1;
      return ask("up")();
    }),
  );
  const told = Promise.all(reads.map((read) => read(signal)));
  await expect.poll(() => sent).toBe(32);
  await turn();
  expect([made, sent]).toEqual([32, 32]);
  answering.resolve();
  expect(new Set(await told)).toEqual(new Set(["heard up"]));
  expect([made, sent]).toEqual([40, 40]);
});
