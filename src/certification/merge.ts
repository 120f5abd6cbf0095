// Two manifests of one environment as one: what another of the contract's commands has certified joins what this one has.
import { Problem } from "../environment/problem.ts";
import { msOf } from "../manifest/instant.ts";
import { type Manifest, manifest } from "../manifest/model.ts";
import { worst } from "../manifest/status.ts";
import type { Versions } from "./versions.ts";

/** Another command's manifest, and how a person knows it: the flag with the file. */
export type Other = { readonly origin: string; readonly manifest: Manifest };

/** What this certification is about, known before anything is looked at. */
export type Own = {
  readonly environment: string;
  readonly topology: string;
  readonly providers: readonly string[];
  readonly versions: Versions;
  readonly routerdCommit?: string | undefined;
  readonly labsCommit?: string | undefined;
};

/**
 * Refuses what can not be merged: another environment or topology, a provider that both are about, one that has
 * expired, other tools, other commits.
 * @throws Problem
 */
export function refuseUnlike(other: Other, own: Own, now: Date): void {
  const { manifest: theirs } = other;
  const both = theirs.providers.filter((provider) => own.providers.includes(provider));
  for (const key of ["environment", "topology"] as const)
    if (theirs[key] !== own[key]) throw unlike(other, `${key} ${own[key]}`, theirs[key]);
  if (both.length > 0)
    throw unlike(other, `other providers than ${own.providers.join(", ")}`, both.join(", "));
  if (theirs.status === "expired" || now.getTime() >= msOf(theirs.expiresAt))
    throw unlike(other, "a certification that is still valid", `one that expired at ${theirs.expiresAt}`);
  for (const [tool, version] of Object.entries(theirs.toolVersions ?? {}))
    if (Object.hasOwn(own.versions, tool) && own.versions[tool] !== version)
      throw unlike(other, `the same ${tool}`, "another");
  for (const key of ["routerdCommit", "labsCommit"] as const)
    if (theirs[key] !== undefined && own[key] !== undefined && theirs[key] !== own[key])
      throw unlike(other, `${key} ${own[key]}`, theirs[key]);
  // Both are about one commit then; a range is more than its head.
  const [range, mine] = [rangeOf(theirs.toolVersions), rangeOf(own.versions)];
  const bound = theirs.routerdCommit !== undefined && own.routerdCommit !== undefined;
  if (bound && range !== mine) throw unlike(other, `routerd/range ${mine ?? "none"}`, range ?? "none");
}

function rangeOf(versions: Versions | undefined): string | undefined {
  return versions?.["routerd/range"];
}

/**
 * All providers, certifiers, checks, repairs and versions of both, the worse status and the earlier expiry; identity
 * and time of issue are the own ones'.
 * @throws Problem for what {@link refuseUnlike} refuses
 */
export function merge(own: Manifest, other: Other): Manifest {
  const { manifest: theirs } = other;
  refuseUnlike(other, { ...own, versions: own.toolVersions ?? {} }, new Date(msOf(own.issuedAt)));
  const sooner = msOf(theirs.expiresAt) < msOf(own.expiresAt) ? theirs : own;
  // An expired one was refused; the type does not know.
  const verdicts = [own.status, theirs.status].filter((status) => status !== "expired");
  return manifest.parse({
    ...theirs,
    ...own,
    status: worst(verdicts),
    expiresAt: sooner.expiresAt,
    providers: [...own.providers, ...theirs.providers],
    certifiers: [...own.certifiers, ...theirs.certifiers],
    checks: [...own.checks, ...theirs.checks],
    repairs: [...own.repairs, ...theirs.repairs],
    toolVersions: { ...theirs.toolVersions, ...own.toolVersions },
  });
}

/** A manifest that another was to join. */
export type Merged = {
  readonly manifest: Manifest;
  /** Why it is the own one alone after all. */
  readonly unjoined?: Problem;
};

/** As {@link merge}; where that is refused the own one stays, for what was repaired must be told. */
export function mergedOrOwn(own: Manifest, other: Other | undefined): Merged {
  try {
    return { manifest: other === undefined ? own : merge(own, other) };
  } catch (error) {
    if (error instanceof Problem) return { manifest: own, unjoined: error };
    throw error;
  }
}

function unlike({ origin }: Other, expected: string, actual: string | undefined): Problem {
  return new Problem({
    subject: origin,
    expected,
    ...(actual === undefined ? {} : { actual }),
    remedy:
      "certify again for the same environment and topology, with the same tools, and name that manifest",
  });
}
