// Whether a guest's public address is its own: bound to it, and what other guests see it come from.
import type { Check } from "../../../check/check.ts";
import type { CheckId } from "../../../check/key.ts";
import type { Outcome } from "../../../check/outcome.ts";
import type { CloudGuest } from "../topology.ts";
import { judgeEgress, planEgress, type Siblings } from "./egress.ts";

/** The public address that the cloud has bound to a guest, or what is wrong with it. Throws `Unreadable`. */
export type Bound = (signal: AbortSignal) => Promise<{ readonly address: string | undefined } | Outcome>;

type Parts = Siblings & {
  /** The cloud's name, which its checks' ids begin with. */
  readonly own: string;
  readonly gate: CheckId;
  /** Milliseconds for the check: it waits for the slowest guest. */
  readonly deadline: number;
};

/**
 * Bound, as the cloud tells, and used when the guest goes out to the internet, as its siblings tell. That the address leads
 * to the guest is what g.ssh shows, which came in by it.
 */
export function addressCheck(guest: CloudGuest, bound: Bound, parts: Parts): Check {
  const sources = planEgress(guest, parts);
  return {
    id: `${parts.own}.pubip`,
    target: guest.name,
    // Not behind the login: without an address there is none, and this is what says why.
    after: [parts.gate],
    deadline: parts.deadline,
    observe: async (signal) => {
      const found = await bound(signal);
      return "result" in found ? found : judgeEgress(guest.name, found.address, await sources(signal));
    },
  };
}
