// Whether guests reach each other as the topology's flows say, and do not where they must not; asked from inside them.
import type { Check } from "../../../check/check.ts";
import type { CheckKey } from "../../../check/key.ts";
import { fail, list, pass, type Sentence, say } from "../../../check/outcome.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import { type GuestMesh, metBy } from "../../../probes/mesh.ts";
import type { CloudGuest, GuestFlow } from "../topology.ts";
import { planTrial } from "./trial.ts";

/** How flows are tried. */
export type Trials = {
  /** The cloud's name, which its checks' ids begin with. */
  readonly own: string;
  readonly mesh: GuestMesh;
  /** The public address of a guest; none where it has none. Throws `Unreadable`. */
  readonly publicAddress: (guest: CloudGuest, signal: AbortSignal) => Promise<string | undefined>;
  /** Milliseconds for a check: it waits for the slowest guest. */
  readonly deadline: number;
};

/** One check for each guest that flows begin at, and one more where any of them must not work. */
export function flowChecks(flows: readonly GuestFlow[], trials: Trials): readonly Check[] {
  const sources = [...new Set(flows.map(({ from }) => from.name))];
  return sources.flatMap((source) => {
    const own = flows.filter(({ from }) => from.name === source);
    return ([true, false] as const).flatMap((works) => {
      const kind = own.filter((flow) => flow.works === works);
      // Silence proves nothing of a guest that reaches nobody.
      const proof =
        works || kind.length === own.length ? [] : ([`${trials.own}.eastwest@${source}`] as const);
      return kind.length === 0 ? [] : [sourceCheck(kind, { works, proof }, trials)];
    });
  });
}

function sourceCheck(
  flows: readonly GuestFlow[],
  { works, proof }: { readonly works: boolean; readonly proof: readonly CheckKey[] },
  trials: Trials,
): Check {
  const { own, deadline } = trials;
  const [first] = flows;
  if (first === undefined) throw new TypeError("unreachable: a source has flows");
  const source = first.from.name;
  // A guest that has not carried out its user data has no responders yet.
  const attempts = flows.map((flow) =>
    planTrial(flow, {
      mesh: trials.mesh,
      source,
      address: (signal) => addressOf(flow, trials, signal),
    }),
  );
  const ready = flows.flatMap(({ from, to }) => [from.name, to.name]);
  return {
    id: works ? `${own}.eastwest` : `${own}.negative`,
    target: source,
    after: [...proof, ...metBy(ready), ...[...new Set(ready)].map((name) => `g.cloudinit@${name}` as const)],
    deadline,
    observe: async (signal) => {
      const tried = await Promise.all(attempts.map((attempt) => attempt(signal)));
      const wrong = flows.filter((_, index) => tried[index]?.open !== works);
      if (wrong.length === 0 && !works && proof.length === 0)
        throw new Unreadable("no-expectation", `only flows that must not work begin at ${source}`);
      if (wrong.length === 0)
        return works
          ? pass(say`${flows.length} of ${flows.length} flows work`)
          : pass(say`${flows.length} of ${flows.length} flows that must not work do not`);
      const told = list(wrong.map(describe), "; ");
      return works ? fail(say`no answer: ${told}`) : fail(say`must not work and does: ${told}`);
    },
  };
}

function describe({ to, at, protocol, port }: GuestFlow): Sentence {
  const where = at === "public" ? say`the public address of ${to.name}` : say`${to.name}`;
  return port === undefined ? say`${protocol} to ${where}` : say`${protocol} ${port} to ${where}`;
}

async function addressOf(
  { at, to }: GuestFlow,
  { publicAddress }: Trials,
  signal: AbortSignal,
): Promise<string> {
  const address = at === "private" ? to.address : await publicAddress(to, signal);
  if (address !== undefined) return address;
  throw new Unreadable("no-expectation", `no public address of ${to.name}`);
}
