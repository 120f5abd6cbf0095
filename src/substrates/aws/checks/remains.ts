// What of a run is still in the account: by the tags of everything, and by the lists of each kind.
import type { Check } from "../../../check/check.ts";
import { type Sentence, say } from "../../../check/outcome.ts";
import { goneCheck } from "../../../check/remains.ts";
import { runOf } from "../../cloud/checks/scope.ts";
import type { Scene } from "../scene.ts";
import { gate } from "./gates.ts";
import { findByKind, findTagged, isListed } from "./scope.ts";

/** aws.gone: fails with what is left. `patience`: how long what is still going may take to go, in ms. */
export function remainsCheck(scene: Scene, patience: number): Check {
  return goneCheck({ id: "aws.gone", gate, ask: (signal) => leftOf(scene, signal) }, patience);
}

/** Where a kind has a list, that is the last word: the tags' service goes on about what was deleted a while ago. */
async function leftOf(scene: Scene, signal: AbortSignal): Promise<readonly Sentence[]> {
  const run = runOf(scene);
  const [byTag, byKind] = await Promise.all([findTagged(scene, run, signal), findByKind(scene, run, signal)]);
  const unlisted = byTag.filter((id) => !isListed(id));
  const left = new Set([...byKind, ...unlisted]).size;
  return left === 0 ? [] : [say`${left} things carry the run's tag`];
}
