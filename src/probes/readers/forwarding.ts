// Whether a guest passes packets on.
import { Unreadable } from "../../check/unreadable.ts";
import type { Probe, Reading } from "../transport.ts";

/** The kernel's switch for all interfaces. */
export const forwardingProbe: Probe = {
  id: "forwarding",
  argv: ["sysctl", "-n", "net.ipv4.ip_forward"],
  timeout: 5,
};

/** Throws `Unreadable`. */
export function readForwarding(reading: Reading | undefined): boolean {
  const value = reading?.exit === 0 ? reading.stdout.trim() : "";
  if (value !== "0" && value !== "1") throw new Unreadable("unparsable", "net.ipv4.ip_forward");
  return value === "1";
}
