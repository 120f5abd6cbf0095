// The order of PVE releases.

/** Negative, zero or positive as version `a` is older than, equal to or newer than `b`; `8.10` is newer than `8.9`. */
export function order(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  return left.major - right.major || left.minor - right.minor;
}

function partsOf(version: string): { readonly major: number; readonly minor: number } {
  const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  return { major, minor };
}
