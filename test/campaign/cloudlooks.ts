// Whole looks at clouds whose provider functions answer with junk: nothing breaks, and nobody is taken at such a word.
import fc from "fast-check";
import { Unreadable } from "../../src/check/unreadable.ts";
import { startAws } from "../support/aws.ts";
import { startAzure } from "../support/azure.ts";
import type { Cloud } from "../support/cloud.ts";
import { startOci } from "../support/oci.ts";
import { junk } from "./edits.ts";
import { type Hostility, hostility } from "./hostilities.ts";
import { expectWhole } from "./looks.ts";

/** What is looked at, whatever its stack config is like. */
type Looked = Pick<Cloud<unknown>, "look"> & AsyncDisposable;

const starts: Readonly<Record<string, () => Promise<Looked>>> = {
  aws: startAws,
  azure: startAzure,
  oci: startOci,
};

/** Every cloud of the lab, looked at with other answers. */
export async function hostileCloudLooks(): Promise<AsyncDisposable & { readonly all: readonly Hostility[] }> {
  await using opening = new AsyncDisposableStack();
  const all: Hostility[] = [];
  for (const [name, start] of Object.entries(starts))
    all.push(...(await looksAt(name, opening.use(await start()))));
  const closing = opening.move();
  return { all, [Symbol.asyncDispose]: () => closing.disposeAsync() };
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
    hostility(`a look at ${cloud} where every function is refused`, fc.constant("no"), async (text) => {
      const answers = await look(() => {
        throw new Unreadable("engine", text);
      });
      expectWhole(answers);
      const failed = Object.entries(answers).filter(([, answer]) => answer.startsWith("fail"));
      if (failed.length > 0) throw new Error(`failed unseen: ${failed.join("; ")}`);
    }),
  ];
}
