// Whether guests and endpoints of other substrates reach each other, both ways; each end is asked from inside itself.
import type { Check } from "../../../check/check.ts";
import { blocked, list, type Outcome, pass, say } from "../../../check/outcome.ts";
import { Unreadable, unseen } from "../../../check/unreadable.ts";
import type { Visit } from "../../../probes/guest.ts";
import { fingerprintOf } from "../../../probes/key.ts";
import { GuestMesh, metBy } from "../../../probes/mesh.ts";
import type { Tried } from "../../../probes/readers/flow.ts";
import { hostnameProbe } from "../../../probes/readers/hostname.ts";
import type { Transport } from "../../../probes/transport.ts";
import { HostKeyMismatch, openSession } from "../../../probes/transports/ssh.ts";
import { type Abroad, abroadId } from "../../abroad.ts";
import type { Sight } from "../../substrate.ts";
import type { CloudGuest, Crossing } from "../topology.ts";
import { type Crossed, judgeCrossed, judgeShut, nameOf } from "./crossing.ts";
import type { Trials } from "./flows.ts";
import { planTrial } from "./trial.ts";

type Parts = Trials & {
  readonly sight: Pick<Sight, "edge" | "debug">;
  /** A guest here, from inside. */
  readonly visit: (guest: CloudGuest["name"]) => Visit;
  /** Resolves when all guests here have set themselves up, or can not be visited. */
  readonly settled: Promise<unknown>;
};

/** All flows between one guest and one endpoint abroad. */
type Pair = {
  readonly guest: Crossing["guest"];
  readonly far: Abroad;
  readonly flows: readonly (Crossing & { readonly attempt: (signal: AbortSignal) => Promise<Tried> })[];
};

/** One check for each guest and each substrate that flows lead to or from; an endpoint there is logged in to once. */
export function abroadChecks(crossings: readonly Crossing[], parts: Parts): readonly Check[] {
  const pairs = [...Map.groupBy(crossings, ({ far }) => nameOf(far)).values()].flatMap((own) => {
    const meshes = own.slice(0, 1).map(({ far }) => meshAt(far, parts));
    return meshes.flatMap((mesh) => pairsOf(own, mesh, parts));
  });
  const alike = Map.groupBy(pairs, ({ far, guest }) => `${far.substrate} ${guest.name}`);
  return [...alike.values()].flatMap((own) => own.slice(0, 1).map((first) => pairCheck(first, own, parts)));
}

/** The batch of an endpoint abroad, in a session of its own: sent when it is known which guests here are up. */
function meshAt(far: Abroad, { sight, settled }: Parts): GuestMesh {
  return new GuestMesh(settled, () => endpointAt(far, sight));
}

function endpointAt(far: Abroad, sight: Parts["sight"]): Transport {
  const run: Transport["run"] = async (probes, signal) => {
    const { endpoint, access, hostKey } = sight.edge(far);
    await using session = await openSession(endpoint, {
      privateKey: access.sshKey,
      jump: access.jump,
      connectTimeout: access.connectTimeout,
      verify: (shown) => fingerprintOf(shown) === hostKey,
      signal,
    });
    return await session.run(probes, signal);
  };
  return { run };
}

function pairsOf(crossings: readonly Crossing[], there: GuestMesh, parts: Parts): readonly Pair[] {
  const byGuest = Map.groupBy(crossings, ({ guest }) => guest);
  return [...byGuest].flatMap(([guest, own]) => {
    const flows = own.map((one) => ({ ...one, attempt: attemptOf(one, there, parts) }));
    return own.slice(0, 1).map(({ far }) => ({ guest, far, flows }));
  });
}

function attemptOf(crossing: Crossing, there: GuestMesh, { mesh, publicAddress, sight }: Parts) {
  const { guest, far, way } = crossing;
  if (way === "out") {
    const address = async () => sight.edge(far).publicAddress;
    return planTrial(crossing, { mesh, source: guest.name, address });
  }
  const address = async (signal: AbortSignal) => {
    const found = await publicAddress(guest, signal);
    if (found !== undefined) return found;
    throw new Unreadable("no-expectation", `no public address of ${guest.name}`);
  };
  return planTrial(crossing, { mesh: there, source: far.endpoint, address });
}

function pairCheck({ guest, far }: Pair, own: readonly Pair[], parts: Parts): Check {
  const { own: cloud, deadline } = parts;
  return {
    id: abroadId(cloud, far),
    target: guest.name,
    component: "cross-substrate",
    // A guest that has not carried out its user data has no responders yet.
    after: [...metBy([guest.name]), `g.cloudinit@${guest.name}`],
    deadline,
    observe: async (signal) => {
      const outcomes = await Promise.all(own.map((pair) => observePair(pair, parts, signal)));
      const bad = (["fail", "blocked"] as const).flatMap((result) =>
        outcomes.filter((outcome) => outcome.result === result),
      );
      return (
        bad[0] ??
        pass(
          list(
            outcomes.map(({ summary }) => summary),
            "; ",
          ),
        )
      );
    },
  };
}

async function observePair(pair: Pair, parts: Parts, signal: AbortSignal): Promise<Outcome> {
  const { edge, debug } = parts.sight;
  const { far, flows } = pair;
  const ask = (way: Crossing["way"]) =>
    Promise.all(
      flows
        .filter((flow) => flow.way === way)
        .map(async (flow): Promise<Crossed> => ({ ...flow, ...(await flow.attempt(signal)) })),
    );
  const askThere = async () => ({ publicAddress: edge(far).publicAddress, crossed: await ask("in") });
  const there = await askThere().catch((error: unknown) => {
    debug(`${nameOf(far)}: ${error}`);
    return unseenAt(far, error);
  });
  if (!("result" in there)) {
    const crossed = [...(await ask("out")), ...there.crossed];
    const judged = judgeCrossed(pair, crossed, there.publicAddress);
    const isOfSilence = judgeShut(crossed) === undefined && crossed.some(({ works, open }) => works && !open);
    return (isOfSilence ? await silentSince(pair, parts, signal) : undefined) ?? judged;
  }
  // What works and must not is wrong, whatever the other end would say.
  return judgeShut(await ask("out").catch(() => [])) ?? there;
}

/**
 * The ends are asked one after the other: of one that has fallen silent meanwhile, the other's silence tells nothing.
 * @throws Unreadable where it is the guest here
 */
async function silentSince(
  { guest, far }: Pair,
  { visit, sight }: Parts,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  try {
    await endpointAt(far, sight).run([hostnameProbe], signal);
  } catch (error) {
    return unseenAt(far, error);
  }
  await visit(guest.name).run([hostnameProbe], signal);
  return undefined;
}

/** The other substrate's trouble, which is no failure of this one. */
function unseenAt(far: Abroad, error: unknown): Outcome {
  if (error instanceof HostKeyMismatch)
    return blocked(say`could not look from ${nameOf(far)}: it shows another host key than the recorded one`);
  if (error instanceof Unreadable && error.reason === "no-record")
    return blocked(
      say`could not look from ${nameOf(far)}: no host key is recorded; certify ${far.substrate} once with --repair`,
    );
  return unseen(error, nameOf(far));
}
