// What the guests of the mesh are called, and where they are.

/** The name of one of them. */
export function labelOf(index: number): string {
  return `guest${index}`;
}

/** From .2 on; good for 16,000 of them. */
export function addressOf(index: number): string {
  return `10.77.${1 + (index >> 6)}.${2 + (index & 63)}`;
}
