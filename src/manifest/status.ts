// What single results come to together, and what a manifest's status has become by now.
import type { Result } from "../check/outcome.ts";
import { msOf } from "./instant.ts";
import type { Manifest, Status, Verdict } from "./model.ts";

/** Any fail is a fail, else any blocked is blocked, else pass; where nothing has passed it is blocked, for nothing passes by absence. */
export function worst(results: Iterable<Result>): Verdict {
  const seen = new Set(results);
  if (seen.has("fail")) return "fail";
  return seen.has("pass") && !seen.has("blocked") ? "pass" : "blocked";
}

/** The status for a reader at this time: a pass is one until `expiresAt` and not at it. */
export function statusAt(manifest: Pick<Manifest, "status" | "expiresAt">, now: Date): Status {
  const valid = now.getTime() < msOf(manifest.expiresAt);
  return manifest.status === "pass" && !valid ? "expired" : manifest.status;
}
