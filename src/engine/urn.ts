// The engine's names for resources: `urn:pulumi:<stack>::<project>::<parent>$<type>::<name>`.

/** The logical name in a URN, its last part. */
export function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

/** The type token in a URN, without those of its parents. */
export function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? urn;
}
