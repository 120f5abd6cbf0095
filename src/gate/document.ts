// Whether a manifest says pass, and says so now.
import { showDuration } from "../environment/duration.ts";
import { msOf } from "../manifest/instant.ts";
import { statusAt } from "../manifest/status.ts";
import type { Refusal } from "./refusal.ts";
import type { Certified } from "./request.ts";

const minute = 60_000;
const hour = 60 * minute;

/** How far two machines' clocks may be apart, in ms. */
const skew = 5 * minute;

/** How long a manifest may be valid that says no other default, in hours: the specification's. */
const longest = 24;

/** The clock's reading, and how old a certification may be at most. */
export type Clock = { readonly now: Date; readonly maxAge?: number | undefined };

/** Refuses what is no pass, or is none at this time. */
export function judgeDocument({ source, manifest }: Certified, { now, maxAge }: Clock): readonly Refusal[] {
  const { status, issuedAt, expiresAt } = manifest;
  const age = now.getTime() - msOf(issuedAt);
  const validity = msOf(expiresAt) - msOf(issuedAt);
  const most = manifest.qualificationPolicy?.defaultValidityHours ?? longest;
  const refuse = (wrong: boolean, refusal: Refusal) => (wrong ? [refusal] : []);
  return [
    ...refuse(status !== "pass", {
      code: "status",
      subject: `status of ${source}`,
      expected: "pass",
      actual: status,
      remedy: "see its checks, then certify with --repair",
    }),
    ...refuse(statusAt({ status: "pass", expiresAt }, now) === "expired", {
      code: "expired",
      subject: `expiresAt of ${source}`,
      expected: `a time after ${now.toISOString()}`,
      actual: expiresAt,
      remedy: "certify again",
    }),
    ...refuse(!(age >= -skew), {
      code: "time",
      subject: `issuedAt of ${source}`,
      expected: `a time before ${now.toISOString()}, or up to 5 minutes after it`,
      actual: issuedAt,
      remedy: "set the clocks of both machines, then certify again",
    }),
    ...refuse(!(validity <= most * hour), {
      code: "time",
      subject: `validity of ${source}`,
      expected: `at most ${most} hours from issuedAt to expiresAt, its default`,
      actual: hours(validity),
      remedy: "certify again with a shorter --valid-for",
    }),
    ...refuse(maxAge !== undefined && !(age <= maxAge), {
      code: "time",
      subject: `age of ${source}`,
      expected: `at most ${hours(maxAge ?? 0)}, as --max-age says`,
      actual: hours(age),
      remedy: "certify again",
    }),
  ];
}

/** Hours rounded up, so that what is too long never reads as if it were not. */
function hours(ms: number): string {
  if (ms < hour) return showDuration(ms);
  return `${Math.ceil((ms / hour) * 100) / 100} hours`;
}
