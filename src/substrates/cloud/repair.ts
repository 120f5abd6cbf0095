// What repairs a cloud's substrate where the engine sees nothing to change: making a guest anew, or a person.
import type { CheckId, CheckKey } from "../../check/key.ts";
import { say } from "../../check/outcome.ts";
import { type Name, name } from "../../environment/name.ts";
import { ByHand, type Mend, type Replaceable } from "../substrate.ts";

/** When a guest may be made anew. */
export type GuestRules = {
  /** Checks that look at the guest itself: what the cloud tells of it, and what it tells of itself over a proven login. */
  readonly faults: readonly CheckId[];
  /** What it stands on: where one of these has not passed, the guest is not to blame. */
  readonly provided: readonly CheckKey[];
};

/** Each guest, which is silent by its own fault only while another answers. */
export function replaceableGuests(
  guests: readonly { readonly name: Name }[],
  { faults, provided }: GuestRules,
): readonly Replaceable[] {
  return guests.map(({ name: own }) => {
    const others = guests.filter((guest) => guest.name !== own);
    return {
      target: own,
      spoiled: keys(faults, own),
      silent: keys(["g.ssh"], own),
      witnesses: others.flatMap((guest) => keys(["g.ssh"], guest.name)),
      provided,
    };
  });
}

function keys(ids: readonly CheckId[], target: Name): readonly CheckKey[] {
  return ids.map((id) => `${id}@${target}` as const);
}

/** What only a person may put right: it costs money, or is perhaps somebody else's. @param advice by check */
export function mendsByHand(
  advice: Readonly<Record<string, string>>,
  failed: readonly CheckKey[],
): readonly Mend[] {
  return Object.entries(advice).flatMap(([check, text]) => {
    const cures = failed.filter((key) => key === check);
    if (cures.length === 0) return [];
    const apply = () => Promise.reject(new ByHand(text));
    return [
      {
        ...{ target: name.parse(check.replace(".", "-")), intent: say`put it right` },
        ...{ cures, first: false, tells: true as const, apply },
      },
    ];
  });
}
