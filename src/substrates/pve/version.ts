// The order of PVE releases.

/** Negative, zero or positive as version `a` is older than, equal to or newer than `b`; `8.10` is newer than `8.9`. */
export function order(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
