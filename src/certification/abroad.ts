// The other substrates that flows lead to: their stack config, and the host keys that the ledger has of their endpoints.
import { Unreadable } from "../check/unreadable.ts";
import { readConfig } from "../engine/config.ts";
import { Problem } from "../environment/problem.ts";
import { configFile, stackOf } from "../environment/stack.ts";
import type { HostKeys } from "../ledger/ledger.ts";
import type { Asking } from "../pulumi/command.ts";
import type { Abroad } from "../substrates/abroad.ts";
import { loadSubstrate } from "../substrates/index.ts";
import type { OpenSubstrate, Sight } from "../substrates/substrate.ts";
import type { Means, Opened, Subject } from "./subject.ts";

/** Substrates by name, or why they can not be opened. */
type Abroads = ReadonlyMap<string, OpenSubstrate | Unreadable>;

/**
 * Has each of an environment's substrates know where its flows abroad lead, and by which recorded host key.
 * @throws Problem as {@link openAbroad}
 */
export async function withEdges(
  opened: readonly Opened[],
  hostKeys: HostKeys | Unreadable,
  means: Pick<Means, "progress"> & Asking & { readonly environment: string },
): Promise<readonly Subject[]> {
  const edge = edgeFinder(await openAbroad(opened, means.environment, means), hostKeys);
  return opened.map((one) => ({ ...one, edge }));
}

/**
 * Opens each substrate that a subject's flows name, once for all of them. One that can not be opened blocks what asks
 * for it, and nothing else.
 * @throws Problem for a name that names no substrate, or no endpoint of one that can be opened
 */
export async function openAbroad(
  subjects: readonly Pick<Opened, "open" | "stack">[],
  environment: string,
  means: Asking & Pick<Means, "progress">,
): Promise<Abroads> {
  const named = subjects.flatMap(({ open, stack }) => (open.abroad ?? []).map((one) => ({ ...one, stack })));
  const substrates = [...new Set(named.map(({ substrate }) => substrate))];
  const opened: Abroads = new Map(
    await Promise.all(
      substrates.map(async (substrate) => [substrate, await openOne(substrate, environment, means)] as const),
    ),
  );
  for (const { stack, ...one } of named) demandEdge(one, opened, stack);
  return opened;
}

async function openOne(
  substrate: string,
  environment: string,
  means: Asking & Pick<Means, "progress">,
): Promise<OpenSubstrate | Unreadable> {
  const { open } = await loadSubstrate(substrate);
  const stack = stackOf({ environment, substrate });
  try {
    return open(await readConfig(stack, means), configFile(stack));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    means.progress({
      kind: "note",
      text: `flows that lead to ${substrate} can not be tried: ${error.message}`,
    });
    return new Unreadable("no-expectation", error.message, { cause: error });
  }
}

function demandEdge({ substrate, endpoint }: Abroad, opened: Abroads, stack: string): void {
  const open = opened.get(substrate);
  if (open === undefined || open instanceof Unreadable) return;
  const edges = (open.edges ?? []).map((edge) => `${substrate}/${edge.endpoint.name}`);
  if (edges.includes(`${substrate}/${endpoint}`)) return;
  throw new Problem({
    subject: `${configFile(stack)} flows`,
    expected:
      edges.length === 0 ? `no flow to ${substrate}, which has no edges` : `one of ${edges.join(", ")}`,
    actual: `${substrate}/${endpoint}`,
    remedy: "correct the stack config, or give that endpoint a public address in its own",
  });
}

/** How checks find an endpoint abroad. */
export function edgeFinder(opened: Abroads, hostKeys: HostKeys | Unreadable): Sight["edge"] {
  return ({ substrate, endpoint }) => {
    const open = opened.get(substrate);
    if (open instanceof Unreadable) throw open;
    const edge = open?.edges?.find((one) => one.endpoint.name === endpoint);
    if (edge === undefined) throw new TypeError(`nobody has opened ${substrate}/${endpoint}`);
    if (hostKeys instanceof Unreadable) throw hostKeys;
    const hostKey = hostKeys[substrate]?.[endpoint]?.fingerprint;
    if (hostKey !== undefined) return { ...edge, hostKey };
    throw new Unreadable("no-record", `${substrate}/${endpoint}`);
  };
}
