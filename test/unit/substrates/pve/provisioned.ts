// The tracked lab as its program declares it, provisioned through the provider's double without any engine.

import { X509Certificate } from "node:crypto";
import type { Answer, Check } from "../../../../src/check/check.ts";
import { newRun, type Run } from "../../../../src/environment/run.ts";
import { withProperty } from "../../../../src/lab/property.ts";
import type {
  ApiRequest,
  DeclaredChange,
  PreparedDrift,
  ProviderSession,
} from "../../../../src/substrates/double.ts";
import { newAuthority } from "../../../../src/substrates/farend/authority.ts";
import { type PveConfig, parsePve } from "../../../../src/substrates/pve/config.ts";
import { capture } from "../../../../src/substrates/pve/double/capture.ts";
import { newCluster } from "../../../../src/substrates/pve/double/cluster.ts";
import { inside } from "../../../../src/substrates/pve/double/double.ts";
import { outsider } from "../../../../src/substrates/pve/double/handler.ts";
import { meddle } from "../../../../src/substrates/pve/double/meddle.ts";
import { sessionOver } from "../../../../src/substrates/pve/double/provider/index.ts";
import { Rest } from "../../../../src/substrates/pve/double/provider/rest.ts";
import { serve } from "../../../../src/substrates/pve/double/server.ts";
import type { Cluster, Token } from "../../../../src/substrates/pve/double/state.ts";
import { addToken } from "../../../../src/substrates/pve/double/tokens.ts";
import { drifts } from "../../../../src/substrates/pve/drifts.ts";
import { planPve } from "../../../../src/substrates/pve/plan.ts";
import { Seen } from "../../../../src/substrates/seen.ts";
import { generateHostKey } from "../../../../src/world/hostkey.ts";
import { World } from "../../../../src/world/world.ts";
import { believing, nowhere, runPlan } from "../../../support/checks.ts";
import { patience, provision, type Things } from "../../../support/declared.ts";
import { labConfig } from "../../../support/pve.ts";

/** A provisioned substrate, and the plan's checks to be asked one by one. */
export type Provisioned = AsyncDisposable & {
  readonly world: World;
  readonly config: PveConfig;
  /** The config of a token with one of the lab's roles, or with these privileges by path. */
  readonly as: (rights: Parameters<typeof addToken>[2]) => PveConfig;
  /** The answers of all checks with one of these ids, as if no gate stood before them: `pass`, `fail: …`. */
  readonly ask: (ids: readonly string[], parts?: Partial<Asked>) => Promise<Readonly<Record<string, string>>>;
  /** Brings a prepared drift about. */
  readonly drift: (name: string) => Promise<PreparedDrift>;
  /** Brings a change about that nobody prepared. */
  readonly send: (...requests: readonly ApiRequest[]) => Promise<void>;
  /** Reads all that was declared as the engine's refresh does, with a token of these rights: what is there by logical name. */
  readonly refresh: (rights: Parameters<typeof addToken>[2]) => Promise<Readonly<Record<string, unknown>>>;
  /** Undoes all of it, and all faults. */
  readonly heal: () => Promise<void>;
};

type Asked = { readonly config: PveConfig; readonly run: Run | undefined; readonly repair: boolean };

export async function startProvisioned(): Promise<Provisioned> {
  const world = new World();
  const authority = await newAuthority("authority of a test");
  const [pve1, pve2] = await Promise.all([authority.issue("pve1"), authority.issue("pve2")]);
  const cluster = newCluster(world, { pve1: pve1.certificate, pve2: pve2.certificate });
  const server = await serve(cluster, pve1);
  const configFor: Provisioned["as"] = (rights) =>
    configOf(addToken(cluster, `tester@pve!${cluster.tokens.size}`, rights));
  const config = configFor("full");
  const outside = inside(cluster, addToken(cluster, outsider, "full"));
  const run = newRun(new Date(), "run-test");
  const signal = AbortSignal.timeout(patience);
  const things = await provision(config, sessionOver(outside), run);
  const undo: (() => unknown)[] = [];
  const send: Provisioned["send"] = async (...requests) =>
    void undo.push(await meddle(cluster, new Rest(outside), { requests, signal }));
  return {
    ...{ world, config, as: configFor, send },
    ask: (ids, parts) => ask(ids, { config, run, repair: false, ...parts }),
    refresh: (rights) => {
      const token = addToken(cluster, `tester@pve!${cluster.tokens.size}`, rights);
      return refresh(sessionOver(inside(cluster, token)), things);
    },
    drift: async (name) => {
      const found = drifts.find((drift) => drift.name === name) ?? unreachable();
      if ("requests" in found.change) await send(...found.change.requests);
      else if ("meddle" in found.change) throw new TypeError(`${name} is nothing that the API tells`);
      else undo.push(await change(cluster, sessionOver(outside), { change: found.change, things }));
      return found;
    },
    heal: async () => {
      world.heal();
      for (const restore of undo.splice(0).reverse()) await restore();
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };

  function configOf({ id, secret }: Token): PveConfig {
    const { privateKey, publicKey } = generateHostKey();
    const overlay = {
      "pve:endpoint": `https://127.0.0.1:${server.port}/`,
      "pve:token": `${id}=${secret}`,
      "pve:ca": authority.certificate,
      "pve:fingerprint": new X509Certificate(pve1.certificate).fingerprint256,
      "substrate:sshKey": privateKey,
      "substrate:jump": { host: "127.0.0.1", port: 1, user: "jump", hostKey: publicKey },
    };
    return parsePve({ ...labConfig(), ...overlay }, "test");
  }
}

function unreachable(): never {
  throw new TypeError("no such thing");
}

async function refresh(session: ProviderSession, things: Things): Promise<Record<string, unknown>> {
  const signal = AbortSignal.timeout(patience);
  const found = [...things].map(async ([name, { type, id, inputs, outputs }]) => {
    const read = await session.resource(type).read(id, { inputs, outputs }, signal);
    return [name, read?.outputs] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

type Declared = {
  readonly change: DeclaredChange;
  readonly things: Things;
};

/** Changes a declared thing as an outsider, and gives the way back. */
async function change(cluster: Cluster, session: ProviderSession, { change, things }: Declared) {
  const [name = "", ...path] = ("set" in change ? change.set : change.delete).split(".");
  const { type, id, inputs, outputs } = things.get(name) ?? unreachable();
  const signal = AbortSignal.timeout(patience);
  const double = session.resource(type);
  const now = (await double.read(id, { inputs, outputs }, signal)) ?? unreachable();
  const restore = capture(cluster, type, id);
  if ("delete" in change) await double.delete(id, now.outputs, signal);
  else {
    const news = withProperty(now.inputs, path.join("."), change.value);
    await double.update(id, { olds: now.outputs, news }, signal);
  }
  return restore;
}

/** Asks the plan's checks of these ids over the API and tells what they came to. */
async function ask(ids: readonly string[], { config, run, repair }: Asked) {
  await using closing = new AsyncDisposableStack();
  const invoke = () => Promise.reject(new TypeError("no engine here"));
  const plan = planPve(
    config,
    {
      invoke,
      run,
      idOf: () => undefined,
      edge: nowhere,
      hostKeys: believing,
      repair,
      debug: () => undefined,
      closing,
    },
    new Seen(),
  );
  const wanted = plan.filter(({ id }) => ids.includes(id)).map((check): Check => ({ ...check, after: [] }));
  const { answers } = await runPlan(wanted);
  return Object.fromEntries(answers.map((answer) => [nameOf(answer), wordsOf(answer)]));
}

function nameOf({ check }: Answer): string {
  return check.target === undefined ? check.id : `${check.id}@${check.target}`;
}

/** A pass says no more than that; for all else the words count. */
function wordsOf({ result, summary }: Answer): string {
  return result === "pass" ? result : `${result}: ${summary}`;
}
