// From a value to a manifest: the model's shape and nothing else, and one line for whatever is wrong.
import type { z } from "zod";
import { Problem, type ProblemParts } from "../environment/problem.ts";
import { type Manifest, manifest } from "./model.ts";

/** Whose fault it would be, and the way out. */
export type Place = Pick<ProblemParts, "subject" | "remedy">;

/** Throws `Problem` saying where the first fault is and how many there are. */
export function parseManifest(value: unknown, place: Place): Manifest {
  const parsed = manifest.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(place, describe(parsed.error));
}

/** The problem of a document that is no manifest. */
export function invalid(place: Place, actual: string): Problem {
  return new Problem({ ...place, expected: "a release-environment-certification/v1 document", actual });
}

/** The first issue, with where it is; keys come from outside and are quoted. */
function describe(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return "an invalid document";
  const keys = issue.path.map((key) =>
    typeof key === "string" && /\W/.test(key) ? JSON.stringify(key) : String(key),
  );
  const where = keys.length === 0 ? "" : ` at ${keys.join(".")}`;
  const what =
    issue.code === "unrecognized_keys" ? `the unknown key ${JSON.stringify(issue.keys[0])}` : issue.message;
  const more = error.issues.length === 1 ? "" : ` and ${error.issues.length - 1} more`;
  return `${what}${where}${more}`;
}
