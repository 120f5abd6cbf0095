// What a guest calls itself.
import { fail, type Outcome, pass, say } from "../../check/outcome.ts";
import { Unreadable } from "../../check/unreadable.ts";
import type { Name } from "../../environment/name.ts";
import type { Probe, Reading } from "../transport.ts";

/** The kernel's hostname. */
export const hostnameProbe: Probe = { id: "hostname", argv: ["hostname"], timeout: 5 };

/** Compares without the domain, which `hostname` may or may not show. */
export function judgeHostname(reading: Reading | undefined, guest: Name, expected: string): Outcome {
  if (reading === undefined || reading.exit !== 0 || reading.truncated)
    throw new Unreadable("unparsable", "hostname");
  const name = reading.stdout.trim();
  if (!/^[A-Za-z0-9._-]{1,253}$/.test(name)) throw new Unreadable("unparsable", "hostname");
  const [shown] = name.split(".");
  return shown === expected
    ? pass(say`${guest} has the declared hostname`)
    : fail(say`${guest} calls itself something else than declared`);
}
