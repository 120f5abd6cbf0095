// A far end's state as JSON: maps by their keys, and nothing of the world around it.

/** The state without what all far ends share, and without what only says what has been done. */
export function plain(state: object): unknown {
  return plainIn(Object.entries(state).filter(([key]) => !["world", "tasks"].includes(key)));
}

function plainOf(value: unknown): unknown {
  if (value instanceof Map) return plainIn([...value].map(([key, inner]) => [String(key), inner]));
  if (value instanceof Set) return [...value].map(plainOf);
  if (Array.isArray(value)) return value.map(plainOf);
  return typeof value === "object" && value !== null ? plainIn(Object.entries(value)) : value;
}

function plainIn(entries: readonly (readonly [string, unknown])[]): unknown {
  return Object.fromEntries(entries.map(([key, value]) => [key, plainOf(value)]));
}
