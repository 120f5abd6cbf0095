// What of a run is still in the subscription: whatever has its tag, and whatever stands in the resource group.
import type { Check } from "../../../check/check.ts";
import { type Sentence, say } from "../../../check/outcome.ts";
import { goneCheck } from "../../../check/remains.ts";
import { runOf } from "../../cloud/checks/scope.ts";
import type { Scene } from "../scene.ts";
import { gate } from "./gates.ts";
import { findInGroup, findTagged } from "./scope.ts";

/** azure.gone: fails with what is left. `patience`: how long what is still going may take to go, in ms. */
export function remainsCheck(scene: Scene, patience: number): Check {
  return goneCheck({ id: "azure.gone", gate, ask: (signal) => leftOf(scene, signal) }, patience);
}

async function leftOf(scene: Scene, signal: AbortSignal): Promise<readonly Sentence[]> {
  const [tagged, inGroup] = await Promise.all([
    findTagged(scene, runOf(scene), signal),
    findInGroup(scene, signal),
  ]);
  const left = new Set([...tagged, ...inGroup]).size;
  return left === 0 ? [] : [say`${left} things carry the run's tag or stand in its resource group`];
}
