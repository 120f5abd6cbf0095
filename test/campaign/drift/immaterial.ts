// The list of properties that can not drift, held against what is declared.
import type { Immaterial } from "../../../src/substrates/double.ts";

/** A declared property: the type and name of its thing, and its path. */
type Property = { readonly type: string; readonly resource: string; readonly path: string };

/** The entry that says why a property can not drift; none: it can. */
export function immaterialBy(list: readonly Immaterial[], property: Property): Immaterial | undefined {
  return list.find((entry) => entry.paths.some((path) => covers(entry, path, property)));
}

/** Listed paths that nothing declared has: `type path`. */
export function stale(list: readonly Immaterial[], declared: readonly Property[]): readonly string[] {
  return list.flatMap((entry) =>
    entry.paths
      .filter((path) => !declared.some((property) => covers(entry, path, property)))
      .map((path) => `${entry.named ?? entry.of} ${path}`),
  );
}

function covers({ of, named }: Immaterial, listed: string, { type, resource, path }: Property): boolean {
  if (of !== type || (named !== undefined && named !== resource)) return false;
  const pattern = path.replaceAll(/\[\d+\]/g, "[]");
  return (
    path === listed ||
    pattern === listed ||
    (pattern.startsWith(listed) && /^[.[]/.test(pattern.slice(listed.length)))
  );
}
