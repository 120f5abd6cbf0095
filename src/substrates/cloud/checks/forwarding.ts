// Whether a guest that is to pass packets on may do so, as its cloud tells, and does, as it tells itself.
import type { Check } from "../../../check/check.ts";
import { fail, type Outcome, pass, say } from "../../../check/outcome.ts";
import type { Visit } from "../../../probes/guest.ts";
import { forwardingProbe, readForwarding } from "../../../probes/readers/forwarding.ts";
import type { CloudGuest } from "../topology.ts";

/** Whether the cloud lets packets pass that are not the guest's own, or why there is nothing to ask about. Throws `Unreadable`. */
export type Lets = (signal: AbortSignal) => Promise<boolean | Outcome>;

/** How a guest is looked at from inside, and the cloud's name, which its checks' ids begin with. */
type Parts = { readonly own: string; readonly visit: Visit };

/** `<cloud>.fwdflag`; none for a guest that passes nothing on. */
export function forwardingChecks(guest: CloudGuest, lets: Lets, { own, visit }: Parts): readonly Check[] {
  const { name } = guest;
  if (!guest.forwards) return [];
  return [
    {
      id: `${own}.fwdflag`,
      target: name,
      // What switches it on is user data.
      after: [`g.cloudinit@${name}`],
      deadline: 60_000,
      observe: async (signal) => {
        const may = await lets(signal);
        if (typeof may === "object") return may;
        if (!may) return fail(say`packets that are not from or to ${name} itself are dropped before it`);
        return readForwarding(visit.greeted(forwardingProbe))
          ? pass(say`${name} may pass packets on, and does`)
          : fail(say`${name} may pass packets on, and does not`);
      },
    },
  ];
}
