// The door: preflight, and no other run in the environment. Whoever is refused here has started nothing.
import { basename } from "node:path";
import { Readable } from "node:stream";
import { Unreadable } from "../check/unreadable.ts";
import { lineOf, Problem } from "../environment/problem.ts";
import { freezeOf, heldBy, unknownHold } from "../freeze.ts";
import { type Admission, preflight } from "../gate/preflight.ts";
import { type Document, readDocument } from "../manifest/read.ts";
import type { SmokeMeans, SmokeRequest } from "./request.ts";
import type { ResultCheck } from "./result.ts";

/** What the certifications are about, and what they say. */
export type Admitted = {
  readonly environment: string;
  readonly topology: string;
  readonly providers: readonly string[];
  readonly manifestId: string;
  readonly certified: Admission["certified"];
};

/** Why a run may not start; the manifest's id where it could be read. */
export type Refused = { readonly manifestId: string; readonly refusals: readonly ResultCheck[] };

/** Judges the certifications for what they say they are about. */
export async function admit(request: SmokeRequest, means: SmokeMeans): Promise<Admitted | Refused> {
  const documents: Document[] = [];
  for (const source of request.certifications) {
    const read = await readDocument(source).catch(asProblem);
    if (read instanceof Problem)
      return refuse("unknown", [["manifest", read.message.replaceAll(source, basename(source))]]);
    documents.push(read);
  }
  const [first] = documents;
  if (first === undefined) throw new TypeError("a qualification without a certification");
  const { environment, topology } = first.manifest;
  const providers = [...new Set(documents.flatMap(({ manifest }) => manifest.providers))];
  const manifestId = documents.map(({ manifest }) => manifest.manifestId).join("+");
  const { project, signal } = means;
  const admission = await preflight(
    { ...request, environment, topology, providers, offline: false },
    { project, signal, input: Readable.from([]), now: new Date() },
  );
  for (const note of admission.notes) means.say(`note: ${note}`);
  // Where on this machine a manifest is kept is no evidence.
  const worded = (line: string) =>
    request.certifications.reduce((text, path) => text.replaceAll(path, basename(path)), line);
  if (admission.refusals.length > 0)
    return refuse(
      manifestId,
      admission.refusals.map((refusal) => [refusal.code, worded(lineOf(refusal))]),
    );
  const held = await holder(environment, means);
  if (held !== undefined) return refuse(manifestId, [["freeze", held.message]]);
  return { environment, topology, providers, manifestId, certified: admission.certified };
}

/** Who holds the environment, or that nobody can tell whether somebody does; none where nobody does. */
async function holder(environment: string, asking: SmokeMeans): Promise<Problem | undefined> {
  try {
    const held = await freezeOf(environment, asking);
    return held === undefined ? undefined : heldBy(held, environment, subject);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    asking.debug(String(error));
    return unknownHold(environment, subject, error);
  }
}

const subject = "qualification";

function refuse(manifestId: string, reasons: readonly (readonly [code: string, line: string])[]): Refused {
  const checkedAt = new Date().toISOString();
  const refusals = reasons.map(([code, summary]) => {
    return { name: `preflight.${code}`, result: "fail" as const, checkedAt, summary };
  });
  return { manifestId, refusals };
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  throw error;
}
