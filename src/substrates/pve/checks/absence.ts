// Absence is believed only when it was seen twice: a list may be read in the middle of a change.

/** What is there, or none where it was missing from two readings. */
export async function lookTwice<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
  return (await look()) ?? look();
}
