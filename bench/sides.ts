// The two sides of the mesh as processes: what each is asked and answers.
import { fileURLToPath } from "node:url";
import { execaNode } from "execa";
import { z } from "zod";

const ticket = z.object({ port: z.number(), hostKey: z.string(), privateKey: z.string() });

/** What the certifier's side is to do. */
export const order = z.object({
  ticket,
  /** Guests. */
  size: z.number(),
  work: z.discriminatedUnion("kind", [
    z.object({ kind: z.enum(["mesh", "alone"]) }),
    z.object({ kind: z.enum(["batched", "single"]), count: z.number() }),
  ]),
});
export type Order = z.infer<typeof order>;

const near = z.object({ ms: z.number(), cpu: z.number(), peak: z.number() });
const far = z.object({ cpu: z.number() });

/** What a piece of work took. Times in ms. */
export type Work = {
  readonly wall: number;
  /** On processors, the certifier's side. */
  readonly cpu: number;
  /** The lab's side. */
  readonly lab: number;
  /** Bytes that the certifier's side has needed at most so far. */
  readonly peak: number;
};

/** A certifier's side, and a lab's side with so many guests. */
export type Sides = AsyncDisposable & { readonly measure: (work: Order["work"]) => Promise<Work> };

/** Starts both. @param latency ms of a round trip to the lab's guests */
export async function startSides(size: number, latency: number): Promise<Sides> {
  const lab = start("far.ts", size, latency);
  const certifier = start("near.ts");
  const stop = async () => {
    for (const side of [certifier, lab]) {
      side.kill();
      await side;
    }
  };
  const passed = ticket.parse(await lab.getOneMessage());
  const spent = async () => far.parse(await ask(lab, {})).cpu;
  return {
    measure: async (work) => {
      const before = await spent();
      const { ms, cpu, peak } = near.parse(await ask(certifier, { ticket: passed, size, work }));
      return { wall: ms, cpu, peak, lab: (await spent()) - before };
    },
    [Symbol.asyncDispose]: stop,
  };
}

type Side = ReturnType<typeof start>;

function start(file: string, ...args: readonly number[]) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return execaNode(path, args.map(String), { ipc: true, stdin: "ignore", stderr: "inherit", reject: false });
}

async function ask(side: Side, message: Parameters<Side["sendMessage"]>[0]): Promise<unknown> {
  const answer = side.getOneMessage();
  await side.sendMessage(message);
  return await answer;
}
