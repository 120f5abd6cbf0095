// Property strings, PVE's way to put several values into one: `local-lvm:vm-1-disk-0,size=8G,ssd=1`.

/** Reads one; a part without `=` is the default key's value, and a comma at the end means nothing. */
export function parseOptions(text: string, defaultKey: string): Map<string, string> {
  const parts = text.split(",").filter((part) => part !== "");
  return new Map(
    parts.map((part) => {
      const at = part.indexOf("=");
      return at === -1 ? ([defaultKey, part] as const) : ([part.slice(0, at), part.slice(at + 1)] as const);
    }),
  );
}

/** Writes one: the default key's value first and bare, the rest by key. */
export function printOptions(options: ReadonlyMap<string, string>, defaultKey: string): string {
  const rest = [...options].filter(([key]) => key !== defaultKey).sort(([a], [b]) => (a < b ? -1 : 1));
  return [options.get(defaultKey) ?? "", ...rest.map(([key, value]) => `${key}=${value}`)].join(",");
}

/** Bytes as PVE writes them: the greatest unit that divides evenly. */
export function printSize(bytes: number): string {
  const units = ["", "K", "M", "G", "T"];
  let [value, unit] = [bytes, 0];
  while (value > 0 && value % 1024 === 0 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${value}${units[unit]}`;
}

/** `21474836480`, `20G`; none: it is not a size. */
export function parseSize(text: string): number | undefined {
  const [, digits, unit = ""] = /^(\d+)([KMGT]?)$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * 1024 ** ["", "K", "M", "G", "T"].indexOf(unit);
}
