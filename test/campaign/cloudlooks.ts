// Whole looks at clouds whose provider functions answer with junk: nothing breaks, and nobody is taken at such a word.
import fc from "fast-check";
import { Unreadable } from "../../src/check/unreadable.ts";
import type { RawConfig } from "../../src/environment/section.ts";
import { startAws } from "../support/aws.ts";
import { startAzure } from "../support/azure.ts";
import type { Cloud } from "../support/cloud.ts";
import { startOci } from "../support/oci.ts";
import { interpose, type Origin, type Other } from "../support/proxy.ts";
import { junk, text } from "./edits.ts";
import { type Hostility, hostility } from "./hostilities.ts";
import { expectNoneFailed, expectWhole } from "./looks.ts";

/** What is looked at, whatever its stack config is like. */
type Looked = Pick<Cloud<unknown>, "look"> & AsyncDisposable;

/** The REST API that is asked beside the provider's functions, and the stack config that leads to another. */
type Rest = { readonly origin: Origin; readonly at: (other: Origin) => RawConfig };

type Started = { readonly looked: Looked; readonly rest?: Rest };

const starts: Readonly<Record<string, () => Promise<Started>>> = {
  aws: async () => ({ looked: await startAws() }),
  azure: async () => {
    const looked = await startAzure();
    const at = ({ endpoint, ca }: Origin) => ({ "azure:endpoint": endpoint, "azure:ca": ca });
    const { endpoint, ca } = looked.config();
    return { looked, rest: { origin: { endpoint, ca }, at } };
  },
  oci: async () => {
    const looked = await startOci();
    const { endpoint = "", authority } = looked.config().search ?? {};
    const at = ({ endpoint: other, ca }: Origin) => ({ "oci:search": { endpoint: other, authority: ca } });
    return { looked, rest: { origin: { endpoint, ca: authority }, at } };
  },
};

/** Every cloud of the lab, looked at with other answers. */
export async function hostileCloudLooks(): Promise<AsyncDisposable & { readonly all: readonly Hostility[] }> {
  await using opening = new AsyncDisposableStack();
  const all: Hostility[] = [];
  for (const [name, start] of Object.entries(starts)) {
    const { looked, rest } = await start();
    all.push(...(await looksAt(name, opening.use(looked))));
    if (rest !== undefined) all.push(...(await restLooksAt(name, looked, rest)));
  }
  const closing = opening.move();
  return { all, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

/** Words that are no JSON, and JSON that is none of what was asked for. */
const bodies = fc.oneof(
  text,
  junk.map((value) => JSON.stringify(value)),
);

async function restLooksAt(cloud: string, looked: Looked, rest: Rest): Promise<readonly Hostility[]> {
  const look = async (instead: (call: string) => Other | undefined) => {
    await using server = await interpose(rest.origin, instead);
    return await looked.look(rest.at(server.config));
  };
  const asked = new Set<string>();
  await look((call) => void asked.add(call));
  if (asked.size === 0) throw new TypeError(`${cloud} asks no REST API`);
  const silent = await look(() => ({ status: 403, body: "" }));
  const all = fc.constantFrom(...[...asked].toSorted());
  return [
    hostility(
      `a look at ${cloud} where one request is answered with junk`,
      fc.tuple(all, bodies),
      async ([call, body]) =>
        expectWhole(await look((made) => (made === call ? { status: 200, body } : undefined))),
    ),
    hostility(`a look at ${cloud} where every request is answered with junk`, bodies, async (body) => {
      const answers = await look(() => ({ status: 200, body }));
      expectWhole(answers);
      const passed = Object.keys(answers).filter((key) => answers[key]?.startsWith("pass"));
      const taken = passed.filter((key) => !silent[key]?.startsWith("pass"));
      if (taken.length > 0) throw new Error(`passed by junk: ${taken.join(", ")}`);
    }),
    hostility(
      `a look at ${cloud} where every request is refused`,
      fc.constantFrom(400, 401, 403, 409, 451),
      async (status) => {
        const answers = await look(() => ({ status, body: "{}" }));
        expectWhole(answers);
        expectNoneFailed(answers);
      },
    ),
  ];
}

async function looksAt(cloud: string, looked: Looked): Promise<readonly Hostility[]> {
  const asked = new Set<string>();
  const look = (instead: Parameters<Looked["look"]>[2]) => looked.look({}, undefined, instead);
  await look((token) => void asked.add(token));
  const tokens = [...asked].toSorted();
  return [
    hostility(
      `a look at ${cloud} where one function answers with junk`,
      fc.tuple(fc.constantFrom(...tokens), junk),
      async ([token, answer]) =>
        expectWhole(await look((called) => (called === token ? { answer } : undefined))),
    ),
    hostility(`a look at ${cloud} where every function answers with junk`, junk, async (answer) => {
      const answers = await look(() => ({ answer }));
      expectWhole(answers);
      if (answers[`${cloud}.identity`]?.startsWith("pass")) throw new Error("identified by junk");
    }),
    hostility(`a look at ${cloud} where every function is refused`, fc.constant("no"), async (word) => {
      const answers = await look(() => {
        throw new Unreadable("engine", word);
      });
      expectWhole(answers);
      expectNoneFailed(answers);
    }),
  ];
}
