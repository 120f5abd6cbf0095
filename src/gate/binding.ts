// Whether the release is the one that was certified for; versions and ranges are asked of git.

import { quoted } from "../environment/visible.ts";
import { type Repository, repositoryAt, Unknown } from "./git.ts";
import type { Refusal } from "./refusal.ts";
import type { Certified, Judgement, Request } from "./request.ts";

type Asked = Pick<Request, "release" | "repo">;

/** What a manifest is bound to: one commit, or those that `head` leads to and `base` does not; broken ones to nothing. */
type Bound =
  | { readonly kind: "commit"; readonly commit: string }
  | { readonly kind: "range"; readonly base: string; readonly head: string }
  | { readonly kind: "broken"; readonly text: string };

/** Judges every manifest that is bound; where none is, any release may be qualified, and that is said. */
export async function judgeRelease(
  certified: readonly Certified[],
  asked: Asked,
  signal: AbortSignal,
): Promise<Judgement> {
  const bounds = certified.flatMap((one) => {
    const bound = boundOf(one);
    return bound === undefined ? [] : [{ ...one, bound }];
  });
  const { release } = asked;
  if (bounds.length === 0) return noted("no release is bound: it is certified for any");
  if (release === undefined)
    return noted(
      ...bounds.map(({ source, bound }) => `${source} is for ${show(bound)}; not compared without --release`),
    );
  const repository = asked.repo === undefined ? undefined : repositoryAt(asked.repo, signal);
  const refusals = await Promise.all(
    bounds.map(({ source, bound }) => judge({ source, bound, release }, repository)),
  );
  return { refusals: refusals.flat(), notes: [] };
}

function noted(...notes: readonly string[]): Judgement {
  return { refusals: [], notes };
}

function boundOf({ manifest }: Certified): Bound | undefined {
  const { routerdCommit, toolVersions = {} } = manifest;
  const range = Object.hasOwn(toolVersions, "routerd/range") ? toolVersions["routerd/range"] : undefined;
  if (range !== undefined) {
    if (!/^[0-9a-f]{7,40}\.\.[0-9a-f]{7,40}$/.test(range)) return { kind: "broken", text: range };
    const dots = range.indexOf("..");
    return { kind: "range", base: range.slice(0, dots), head: range.slice(dots + 2) };
  }
  return routerdCommit === undefined ? undefined : { kind: "commit", commit: routerdCommit };
}

type Case = { readonly source: string; readonly bound: Bound; readonly release: string };

async function judge(one: Case, repository: Repository | undefined): Promise<readonly Refusal[]> {
  const { bound, release } = one;
  if (bound.kind === "broken") return [refuse(one, {})];
  // The head is in its range whatever git says.
  if (isSame(release, bound.kind === "commit" ? bound.commit : bound.head)) return [];
  if (repository === undefined)
    return bound.kind === "commit" && isCommit(release) ? [refuse(one, {})] : [refuse(one, unasked)];
  try {
    return (await isIn(bound, release, repository)) ? [] : [refuse(one, {})];
  } catch (error) {
    if (error instanceof Unknown) return [refuse(one, { unseen: true, remedy: error.message })];
    throw error;
  }
}

const unasked = { unseen: true, remedy: "name a clone that knows it with --repo" } as const;

async function isIn(
  bound: Exclude<Bound, { kind: "broken" }>,
  release: string,
  repository: Repository,
): Promise<boolean> {
  if (bound.kind === "commit")
    return (await repository.commit(release)) === (await repository.commit(bound.commit));
  const [commit, base, head] = await Promise.all([
    repository.commit(release),
    repository.commit(bound.base),
    repository.commit(bound.head),
  ]);
  return (await repository.leads(head, commit)) && !(await repository.leads(base, commit));
}

function isCommit(text: string): boolean {
  return /^[0-9a-f]{7,40}$/i.test(text);
}

/** The same commit, one of them perhaps written shorter, with 7 digits at least. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  return isCommit(a) && isCommit(b) && (a.startsWith(b) || b.startsWith(a));
}

function show(bound: Bound): string {
  if (bound.kind === "broken") return `what ${quoted(bound.text)} means`;
  return bound.kind === "range" ? `the range ${bound.base}..${bound.head}` : `commit ${bound.commit}`;
}

function refuse({ source, bound, release }: Case, parts: Partial<Refusal>): Refusal {
  return {
    code: "release",
    subject: `--release of ${source}`,
    expected: show(bound),
    actual: quoted(release),
    remedy: "certify again for this release",
    ...parts,
  };
}
