// The documents of test/fixtures/manifests: good ones, and ones broken in the way their file names say.
import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../../fixtures/manifests/", import.meta.url);

/** A document, and whether the schema must accept it. */
export type Document = { readonly name: string; readonly good: boolean; readonly value: unknown };

export const documents: readonly Document[] = [...documentsIn("good"), ...documentsIn("broken")];

/** The smallest valid manifest, with some of its keys set anew. */
export function leastManifest(changes: Readonly<Record<string, unknown>> = {}): unknown {
  const least = documents.find(({ name }) => name === "good/least")?.value;
  return { ...Object(least), ...changes };
}

function documentsIn(kind: "good" | "broken"): Document[] {
  return readdirSync(new URL(`${kind}/`, folder)).map((file) => ({
    name: `${kind}/${file.replace(/\.json$/, "")}`,
    good: kind === "good",
    value: JSON.parse(readFileSync(new URL(`${kind}/${file}`, folder), "utf8")),
  }));
}
