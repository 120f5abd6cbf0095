// How an environment stands: what the ledger holds of each substrate, read at some time.
import type { Certifications } from "../ledger/ledger.ts";
import type { Status } from "../manifest/model.ts";
import { statusAt } from "../manifest/status.ts";

/** One substrate; without a certification nothing is known of it. */
export type Standing = {
  readonly substrate: string;
  readonly certification?: {
    readonly manifestId: string;
    /** By now. */
    readonly status: Status;
    readonly expiresAt: string;
    /** All that this manifest is about. */
    readonly providers: readonly string[];
  };
};

/** These substrates and all others that the ledger knows, by name. */
export function standingOf(
  substrates: readonly string[],
  certifications: Certifications,
  now: Date,
): readonly Standing[] {
  const names = new Set([...substrates, ...Object.keys(certifications)]);
  return [...names].sort().map((substrate) => {
    const entry = certifications[substrate];
    if (entry === undefined) return { substrate };
    const { manifestId, expiresAt, providers } = entry;
    return { substrate, certification: { manifestId, status: statusAt(entry, now), expiresAt, providers } };
  });
}
