// What of a run is still in the tenancy: by the search service, and by the compartment's own list of each kind.
import type { Check } from "../../../check/check.ts";
import { type Sentence, say } from "../../../check/outcome.ts";
import { goneCheck } from "../../../check/remains.ts";
import { runOf } from "../../cloud/checks/scope.ts";
import { runTag } from "../names.ts";
import type { Scene } from "../scene.ts";
import { searchTag } from "../search.ts";
import { gate } from "./gates.ts";
import { findByKind, isListed } from "./scope.ts";

/** oci.gone: fails with what is left. `patience`: how long what is still going may take to go, in ms. */
export function remainsCheck(scene: Scene, patience: number): Check {
  return goneCheck({ id: "oci.gone", gate, ask: (signal) => leftOf(scene, signal) }, patience);
}

/** Where a kind has a list, that is the last word: the search's index goes on about what was deleted a while ago. */
async function leftOf(scene: Scene, signal: AbortSignal): Promise<readonly Sentence[]> {
  const value = runOf(scene);
  const [found, byKind] = await Promise.all([
    searchTag(scene.config, { key: runTag, value }, signal),
    findByKind(scene, value, signal),
  ]);
  const unlisted = found.filter((hit) => !isListed(scene, hit));
  const left = new Set([...byKind, ...unlisted.map(({ id }) => id)]).size;
  return left === 0 ? [] : [say`${left} things carry the run's tag`];
}
