// Whole looks at an API that answers with junk: nothing breaks, and nothing passes that was not seen.
import fc from "fast-check";
import { meddle } from "../support/proxy.ts";
import { Substrate } from "../support/substrate.ts";
import { junk } from "./edits.ts";
import { type Hostility, hostility } from "./hostilities.ts";

/** The words of a check that broke, which no answer may bring about. */
const broke = "the check itself broke";

/** What is known without a single answer of the API: who it is, by its certificate. */
const withoutAnswer = ["pve.tls"];

/** A substrate of Proxmox VE that is looked at with other answers. */
export async function hostileLooks(): Promise<AsyncDisposable & { readonly all: readonly Hostility[] }> {
  await using opening = new AsyncDisposableStack();
  const substrate = opening.use(await Substrate.start());
  const calls = new Set<string>();
  await lookThrough(substrate, (call) => void calls.add(call));
  const asked = [...calls].filter((call) => call.startsWith("GET ")).toSorted();
  const closing = opening.move();
  return {
    all: [
      hostility(
        "a look where one call is answered with junk",
        fc.tuple(fc.constantFrom(...asked), junk),
        async ([call, data]) => {
          const answers = await lookThrough(substrate, (made) => (made === call ? { data } : undefined));
          expectWhole(answers);
        },
      ),
      hostility("a look where every call is answered with junk", junk, async (data) => {
        const answers = await lookThrough(substrate, () => ({ data }));
        expectWhole(answers);
        const passed = Object.keys(answers).filter((key) => answers[key]?.startsWith("pass"));
        const unseen = passed.filter((key) => !withoutAnswer.includes(key));
        if (unseen.length > 0) throw new Error(`passed unseen: ${unseen.join(", ")}`);
      }),
      hostility("a look where every call is refused", fc.integer({ min: 400, max: 599 }), async (status) => {
        const answers = await lookThrough(substrate, () => ({ status }));
        expectWhole(answers);
        expectNoneFailed(answers);
      }),
    ],
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

async function lookThrough(
  substrate: Substrate,
  instead: Parameters<typeof meddle>[1],
): Promise<Readonly<Record<string, string>>> {
  await using proxy = await meddle(substrate.config(), instead);
  const { endpoint, ca, fingerprint } = proxy.config;
  // Awaited, or the proxy would be gone before the answers are there.
  return await substrate.look({ "pve:endpoint": endpoint, "pve:ca": ca, "pve:fingerprint": fingerprint });
}

export function expectWhole(answers: Readonly<Record<string, string>>): void {
  const broken = Object.entries(answers).filter(([, answer]) => answer.includes(broke));
  if (broken.length > 0) throw new Error(broken.map(([key, answer]) => `${key} ${answer}`).join("; "));
}

/** Where nothing could be seen. */
export function expectNoneFailed(answers: Readonly<Record<string, string>>): void {
  const failed = Object.entries(answers).filter(([, answer]) => answer.startsWith("fail"));
  if (failed.length > 0) throw new Error(`failed unseen: ${failed.join("; ")}`);
}
