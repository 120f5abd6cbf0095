// A short slice of `npm run campaign -- leak`: a look that passes, one that fails and one that is blocked.
import { afterAll, beforeAll, expect, it } from "vitest";
import { Bench } from "../e2e/bench.ts";
import { Hunt } from "./leak/hunt.ts";
import { scenesFor } from "./leak/scenes.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start({ provision: true });
});
afterAll(() => bench[Symbol.asyncDispose]());

it("lets nothing out: nothing of the lab's secrets, keys, addresses, ids and words where it must not be", async () => {
  const hunt = await Hunt.open(bench, ["pve"]);
  const wanted = ["pve-api-garbage", "hostname-changed", "the gate lets in, refuses and finds expired"];
  const scenes = (await scenesFor(bench, ["pve"], 1)).filter(({ name }) => wanted.includes(name));
  expect(scenes).toHaveLength(wanted.length);
  for (const scene of scenes) expect(await hunt.play(scene), scene.name).toEqual([]);
  expect(hunt.spoilt).toEqual([]);
  // It has looked where there is something, and has found what may be there.
  expect(hunt.canaries.length).toBeGreaterThan(50);
  for (const kind of ["standard output", "manifest", "debug log", "state", "arguments"] as const)
    expect(hunt.rows.get(kind)?.places, kind).toBeGreaterThan(0);
  const sighted = new Set([...hunt.sighted].map(({ kind }) => kind));
  for (const kind of ["address", "provider ID", "far end's words"] as const) expect(sighted).toContain(kind);
});
