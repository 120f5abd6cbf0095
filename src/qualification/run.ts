// One run of a qualification, from its admission to its verdict.
import type { Admitted } from "./door.ts";
import type { Leash } from "./leash.ts";
import type { Job } from "./messages.ts";
import type { SmokeMeans, SmokeRequest } from "./request.ts";

/** One run, as it is judged. */
export type Run = {
  readonly job: Job;
  readonly request: SmokeRequest;
  readonly admitted: Admitted;
  readonly leash: Pick<Leash, "freeze" | "drive">;
  readonly means: SmokeMeans;
};
