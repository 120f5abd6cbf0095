// The other substrates that flows lead to: their stack config, and the host keys that the ledger has of their endpoints.
import { Unreadable } from "../check/unreadable.ts";
import { readConfig } from "../engine/config.ts";
import { Problem } from "../environment/problem.ts";
import { configFile, stackOf } from "../environment/stack.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Abroad } from "../substrates/abroad.ts";
import { loadSubstrate } from "../substrates/index.ts";
import type { OpenSubstrate, Sight } from "../substrates/substrate.ts";
import type { Means, Subject } from "./subject.ts";

/** Substrates by name, or why they can not be opened. */
type Opened = ReadonlyMap<string, OpenSubstrate | Unreadable>;

/**
 * Opens each substrate that a subject's flows name, once for all of them. One that can not be opened blocks what asks
 * for it, and nothing else.
 * @throws Problem for a name that names no substrate, or no endpoint of one that can be opened
 */
export async function openAbroad(
  subjects: readonly Pick<Subject, "open" | "stack">[],
  environment: string,
  means: Means,
): Promise<Opened> {
  const named = subjects.flatMap(({ open, stack }) => (open.abroad ?? []).map((one) => ({ ...one, stack })));
  const substrates = [...new Set(named.map(({ substrate }) => substrate))];
  const opened: Opened = new Map(
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
  means: Means,
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

function demandEdge({ substrate, endpoint }: Abroad, opened: Opened, stack: string): void {
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
export function edgeFinder(opened: Opened, ledger: Ledger | Unreadable): Sight["edge"] {
  return ({ substrate, endpoint }) => {
    const open = opened.get(substrate);
    if (open instanceof Unreadable) throw open;
    const edge = open?.edges?.find((one) => one.endpoint.name === endpoint);
    if (edge === undefined) throw new TypeError(`nobody has opened ${substrate}/${endpoint}`);
    if (ledger instanceof Unreadable) throw ledger;
    const hostKey = ledger.hostKeys[substrate]?.[endpoint]?.fingerprint;
    if (hostKey !== undefined) return { ...edge, hostKey };
    throw new Unreadable("no-record", `${substrate}/${endpoint}`);
  };
}
