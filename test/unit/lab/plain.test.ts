import { expect, it } from "vitest";
import { plain } from "../../../src/lab/plain.ts";

it("a far end's state comes as JSON, by its keys, and without the world around it", () => {
  const vm = { id: 1, config: new Map<string, unknown>([["cores", 2]]), pools: new Set(["p"]) };
  const state = {
    world: { secret: true },
    tasks: new Map([["t", {}]]),
    vms: new Map([[1, vm]]),
    zones: ["a"],
  };
  expect(plain(state)).toEqual({ vms: { 1: { id: 1, config: { cores: 2 }, pools: ["p"] } }, zones: ["a"] });
});
