// What flows between a guest and an endpoint of another substrate come to, once both ends have been asked.

import { blocked, fail, list, type Outcome, pass, type Sentence, say } from "../../../check/outcome.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import type { Tried } from "../../../probes/readers/flow.ts";
import type { Abroad } from "../../abroad.ts";
import type { Crossing } from "../topology.ts";

/** A flow that was tried. */
export type Crossed = Crossing & Tried;

/** `<substrate>/<endpoint>` */
export function nameOf({ substrate, endpoint }: Abroad): Sentence {
  return say`${substrate}/${endpoint}`;
}

/**
 * Judges all flows between one guest and one endpoint abroad. One way only is a failure, for something was seen to get
 * through; where nothing is, from either end, nobody knows whether there is a path at all.
 * @param publicAddress what the endpoint's own stack config says that it is seen as
 * @throws Unreadable where silence proves nothing
 */
export function judgeCrossed(
  { guest, far }: Pick<Crossing, "guest" | "far">,
  crossed: readonly Crossed[],
  publicAddress: string,
): Outcome {
  const wanted = crossed.filter(({ works }) => works);
  const silent = wanted.filter(({ open }) => !open);
  const wrong = judgeShut(crossed);
  if (wrong !== undefined) return wrong;
  if (silent.length > 0) return judgeSilence(guest.name, nameOf(far), { wanted, silent });
  if (crossed.some(({ way, seen }) => way === "in" && seen !== undefined && seen !== publicAddress))
    return fail(say`${guest.name} sees ${nameOf(far)} come from another address than its stack config says`);
  if (crossed.some((one) => !one.works && !wanted.some(({ way }) => way === one.way)))
    throw new Unreadable("no-expectation", "a flow that must not work, and none that works the same way");
  return pass(
    say`${crossed.length} of ${crossed.length} flows to and from ${nameOf(far)} are as they must be`,
  );
}

/** A failure where something works that must not. */
export function judgeShut(crossed: readonly Crossed[]): Outcome | undefined {
  const wrong = crossed.filter(({ works, open }) => !works && open);
  return wrong.length === 0
    ? undefined
    : fail(say`must not work and does: ${list(wrong.map(describe), "; ")}`);
}

type Silence = { readonly wanted: readonly Crossed[]; readonly silent: readonly Crossed[] };

function judgeSilence(guest: Crossing["guest"]["name"], far: Sentence, { wanted, silent }: Silence): Outcome {
  if (silent.length === wanted.length)
    return blocked(say`no path between ${guest} and ${far} is seen from either end`);
  const lost = (way: Crossing["way"]) => wanted.every((one) => one.way !== way || !one.open);
  if (lost("out"))
    return fail(say`one way only: ${far} reaches ${guest}, and nothing gets from ${guest} to ${far}`);
  if (lost("in"))
    return fail(say`one way only: ${guest} reaches ${far}, and nothing gets from ${far} to ${guest}`);
  return fail(say`no answer: ${list(silent.map(describe), "; ")}`);
}

function describe({ far, way, protocol, port }: Crossing): Sentence {
  const what = port === undefined ? say`${protocol}` : say`${protocol} ${port}`;
  return way === "out" ? say`${what} to ${nameOf(far)}` : say`${what} from ${nameOf(far)}`;
}
