// The lab: one world, the far ends of every substrate over it, and what an engineer's shell needs to use them.
import { isDeepStrictEqual } from "node:util";
import { Problem } from "../environment/problem.ts";
import type {
  ApiRequest,
  HiddenChange,
  PreparedDrift,
  PreparedFault,
  Properties,
  RunningDouble,
  SubstrateDouble,
} from "../substrates/double.ts";
import { loadSubstrate } from "../substrates/index.ts";
import { generateHostKey } from "../world/hostkey.ts";
import { meddle as meddleWithin } from "../world/meddle.ts";
import { World } from "../world/world.ts";
import { jumpUser, startJump } from "./guests.ts";
import { plain } from "./plain.ts";
import { withProperty } from "./property.ts";
import { serveProvider } from "./provider.ts";

/** A declared thing of the lab, as the checkpoint has it. */
export type Thing = {
  readonly substrate: string;
  readonly type: string;
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
};

/** A change of one declared thing behind the engine's back: a property's new value, or its end. */
type Meddling = Thing & {
  readonly set?: { readonly path: string; readonly value: unknown } | undefined;
};

/** A lab that runs. Disposing of it ends everything. */
export type Lab = AsyncDisposable & {
  readonly world: World;
  /** Stack config on top of the tracked files, by substrate. */
  readonly overlay: Readonly<Record<string, Properties>>;
  /** The same for those who only look. */
  readonly readOnly: Readonly<Record<string, Properties>>;
  /** Attached provider plugins and their ports; empty where the real plugins are used. */
  readonly providers: Readonly<Record<string, number>>;
  /** Changes the world as an outsider would. */
  readonly meddle: (meddling: Meddling) => Promise<void>;
  /** Sends requests to a far end's API as an outsider would. */
  readonly send: (substrate: string, requests: readonly ApiRequest[]) => Promise<void>;
  /** Changes what no API tells of. */
  readonly tamper: (substrate: string, change: HiddenChange) => Promise<void>;
  /** All that a far end holds, as JSON. */
  readonly state: (substrate: string) => unknown;
  /** Undoes all drifts that are still there, all faults and latency. */
  readonly heal: () => Promise<void>;
};

/** Long enough for a VM to be shut down and started again, in ms. */
const patience = 60_000;

type Site = {
  readonly name: string;
  readonly double: SubstrateDouble;
  readonly running: RunningDouble;
  readonly overlay: Properties;
};

/**
 * Starts a lab with these substrates.
 * @param options.realPlugins leaves the provider doubles out, so that the engine uses installed plugins
 */
export async function startLab(options: {
  readonly substrates: readonly string[];
  readonly realPlugins: boolean;
}): Promise<Lab> {
  await using starting = new AsyncDisposableStack();
  const world = new World();
  const sites = await Promise.all(options.substrates.map((name) => startSite(name, world, starting)));
  const providers = options.realPlugins
    ? []
    : await Promise.all(sites.map(({ double }) => serveProvider(double.provider)));
  for (const provider of providers) starting.use(provider);
  const undo: (() => Promise<void>)[] = [];
  const stopping = starting.move();
  return {
    world,
    overlay: Object.fromEntries(sites.map(({ name, overlay }) => [name, overlay])),
    readOnly: Object.fromEntries(
      sites.map(({ name, overlay, running }) => [name, { ...overlay, ...running.readOnly }]),
    ),
    providers: Object.fromEntries(providers.map(({ plugin, port }) => [plugin, port])),
    meddle: async (meddling) => void undo.push(await meddle(siteOf(sites, meddling.substrate), meddling)),
    send: async (substrate, requests) => {
      const { running } = siteOf(sites, substrate);
      undo.push(await running.meddle(requests, AbortSignal.timeout(patience)));
    },
    tamper: async (substrate, change) => {
      const { running } = siteOf(sites, substrate);
      const restore =
        "guest" in change
          ? meddleWithin(world, `${substrate}/${change.guest}`, change.meddle)
          : running.tamper(change.host, change.meddle);
      undo.push(async () => restore());
    },
    state: (substrate) => plain(siteOf(sites, substrate).running.state()),
    heal: async () => {
      world.heal();
      for (const restore of undo.splice(0).reverse()) await restore();
    },
    [Symbol.asyncDispose]: () => stopping.disposeAsync(),
  };
}

/** A substrate's far end, and a jump host of its own into its network. */
async function startSite(name: string, world: World, starting: AsyncDisposableStack): Promise<Site> {
  const substrate = await loadSubstrate(name);
  const double = await substrate.double();
  const running = starting.use(await double.start(world));
  const { privateKey, publicKey } = generateHostKey();
  const jump = starting.use(await startJump(world, { authorizedKey: publicKey, ...running }));
  const overlay = {
    ...running.overlay,
    "substrate:sshKey": privateKey,
    "substrate:jump": { host: "127.0.0.1", port: jump.port, user: jumpUser, hostKey: jump.hostKey },
  };
  return { name, double, running, overlay };
}

/** Changes one thing through the outsider's session and gives back the way to undo it. */
async function meddle(
  { running }: Site,
  { type, id, inputs, outputs, set }: Meddling,
): Promise<() => Promise<void>> {
  const signal = AbortSignal.timeout(patience);
  const resource = running.outsider.resource(type);
  const read = () => resource.read(id, { inputs, outputs }, signal);
  const current = await read();
  if (current === undefined)
    throw new Problem({
      subject: `${type} ${id}`,
      expected: "a thing that exists",
      remedy: "provision the lab, or heal it",
    });
  const news = set === undefined ? undefined : withProperty(current.inputs, set.path, set.value);
  const restore = await running.capture(type, id);
  try {
    if (news === undefined) await resource.delete(id, current.outputs, signal);
    else await resource.update(id, { olds: current.outputs, news }, signal);
  } catch (error) {
    // A drift that came about by half is none that anybody asked for.
    await restore();
    throw error;
  }
  const drifted = await read();
  return async () => {
    // What has been repaired since, or changed by somebody else, is no longer ours to undo.
    const now = await running.outsider
      .resource(type)
      .read(id, { inputs, outputs }, AbortSignal.timeout(patience));
    if (isDeepStrictEqual(now, drifted)) await restore();
  };
}

function siteOf(sites: readonly Site[], name: string): Site {
  const site = sites.find((each) => each.name === name);
  if (site !== undefined) return site;
  throw new Problem({
    subject: `substrate ${name}`,
    expected: sites.map((each) => each.name).join(", "),
    remedy: "name one of these",
  });
}

/** A prepared drift or fault with the substrate it belongs to. */
export type Listed<T> = T & { readonly substrate: string };

/** Every prepared drift and fault of these substrates. */
export async function prepared(
  substrates: readonly string[],
): Promise<{ drifts: readonly Listed<PreparedDrift>[]; faults: readonly Listed<PreparedFault>[] }> {
  const doubles = await Promise.all(
    substrates.map(async (substrate) => ({
      substrate,
      double: await (await loadSubstrate(substrate)).double(),
    })),
  );
  return {
    drifts: doubles.flatMap(({ substrate, double }) =>
      double.drifts.map((drift) => ({ ...drift, substrate })),
    ),
    faults: doubles.flatMap(({ substrate, double }) =>
      double.faults.map((fault) => ({ ...fault, substrate })),
    ),
  };
}
