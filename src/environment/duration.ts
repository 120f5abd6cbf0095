// Durations as people write them: `30s`, `15m`, `24h`, `7d`.
import { z } from "zod";

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const pattern = /^([1-9][0-9]*)([smhd])$/;

/** Parses `^[1-9][0-9]*[smhd]$` into milliseconds. */
export const duration = z.string().transform((text, context) => {
  const match = pattern.exec(text);
  const unit = z.enum(["s", "m", "h", "d"]).safeParse(match?.[2]);
  const ms = unit.success ? Number(match?.[1]) * unitMs[unit.data] : Number.NaN;
  if (Number.isSafeInteger(ms)) return ms;
  context.addIssue({ code: "custom", message: "a duration such as 30s, 15m, 24h or 7d" });
  return z.NEVER;
});

/** Milliseconds as a person reads them: `850 ms`, `3.2 s`, `2 m 05 s`. */
export function showDuration(ms: number): string {
  // Below what would be rounded up to a whole second or minute.
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, "0")} s`;
}
