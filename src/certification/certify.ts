// The certification: all requested substrates side by side, then one manifest that says what was found.
import { Unreadable } from "../check/unreadable.ts";
import { type HostKeys, type Ledger, readLedger } from "../ledger/ledger.ts";
import { withEdges } from "./abroad.ts";
import { type Evidence, manifestOf } from "./evidence.ts";
import { KnownKeys } from "./hostkeys.ts";
import { timeOfIssue } from "./issue.ts";
import { type Merged, mergedOrOwn, type Own, refuseUnlike } from "./merge.ts";
import { openSubject } from "./open.ts";
import type { Request } from "./request.ts";
import type { Means } from "./subject.ts";
import { certifySubstrate } from "./substrate.ts";
import { substrateVersions, toolVersions, type Versions } from "./versions.ts";

/** What a certification came to. */
export type Certification = Merged & {
  /** What a repair that passed has learned; for the ledger. */
  readonly hostKeys: HostKeys;
  /** Whether it has changed anything, or tried to. */
  readonly repaired: boolean;
};

/**
 * Certifies and gives the manifest, whatever the verdict.
 * @throws Problem for an environment or topology that is not configured; nothing has been looked at then
 */
export async function certify(request: Request, means: Means): Promise<Certification> {
  const startedAt = new Date();
  const opened = await Promise.all(
    request.substrates.map((substrate) => openSubject(request, substrate, means)),
  );
  const [tools, ledger] = await Promise.all([toolVersions(means.project), openLedger(request, means)]);
  const recorded = ledger instanceof Unreadable ? ledger : ledger.hostKeys;
  const subjects = await withEdges(opened, recorded, { ...means, environment: request.environment });
  if (request.other !== undefined) refuseUnlike(request.other, ownOf(request, tools), startedAt);
  const found = await Promise.all(
    subjects.map(async (subject): Promise<Evidence & { readonly hostKeys: HostKeys[string] }> => {
      const { name: own } = subject.substrate;
      const records = recorded instanceof Unreadable ? recorded : (recorded[own] ?? {});
      const known = new KnownKeys(records, request.repair);
      const certified = await certifySubstrate(subject, means, { ...request, known });
      const { project } = means;
      const { source } = tools;
      const versions = await substrateVersions(subject, certified.last.checkpoint, { project, source });
      const passed = certified.answers.every(({ result }) => result === "pass");
      const hostKeys = request.repair && passed ? known.news(certified.last.hostKeys) : {};
      return { substrate: subject.substrate, ...certified, versions, hostKeys };
    }),
  );
  const own = manifestOf(request, found, { startedAt, finishedAt: timeOfIssue(), tools });
  const hostKeys = Object.fromEntries(found.map((one) => [one.substrate.name, one.hostKeys]));
  return { ...mergedOrOwn(own, request.other), hostKeys, repaired: own.repairs.length > 0 };
}

function ownOf(request: Request, tools: Versions): Own {
  const { routerdRange: range } = request;
  const head = range?.split("..")[1];
  const versions = range === undefined ? tools : { ...tools, "routerd/range": range };
  const providers = request.substrates.map(({ name }) => name);
  return { ...request, providers, versions, routerdCommit: request.routerdCommit ?? head };
}

/** A ledger that can not be read blocks what needs it, and nothing else. */
function openLedger({ environment }: Request, means: Means): Promise<Ledger | Unreadable> {
  return readLedger(environment, means).catch((error: unknown) => {
    means.debug(String(error));
    if (error instanceof Unreadable) return error;
    throw error;
  });
}
