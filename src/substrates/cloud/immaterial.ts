// Why properties of any cloud can not drift.

/** Of a reference to another thing. */
export const elsewhere =
  "what it points at must be there, and nothing else of ours is: a prepared drift takes it away";

/** No double keeps it. */
export const unmodelled = "the lab knows no other: it does not model what this would change";

/** Of what other things stand on. */
export function stoodOn(cloud: string): string {
  return `${cloud} deletes nothing that something else stands on`;
}
