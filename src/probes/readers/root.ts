// Whether probes may look where only root may.
import { Unreadable } from "../../check/unreadable.ts";
import type { Probe, Reading } from "../transport.ts";

/** Cloud-init lets the account that it sets up become root without a password. */
export const rootProbe: Probe = { id: "root", argv: ["sudo", "-n", "true"], timeout: 10 };

/** The argument list as root; its exit code only means something where {@link demandRoot} went through. */
export function asRoot(argv: readonly string[]): Probe["argv"] {
  return ["sudo", "-n", ...argv];
}

/** Throws `Unreadable` where the account can not become root: sudo's own exit code is like that of many commands. */
export function demandRoot(reading: Reading | undefined): void {
  if (reading?.exit !== 0) throw new Unreadable("forbidden", "the account can not become root");
}
