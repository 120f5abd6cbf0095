// The lab's own small API on loopback: how the `lab` commands reach the process that holds the world.
import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { meddlings } from "../world/meddle.ts";
import type { Lab } from "./lab.ts";

/** What the lab can be asked. */
const command = z.discriminatedUnion("do", [
  z.object({ do: z.literal("status") }),
  z.object({
    do: z.literal("meddle"),
    substrate: z.string(),
    type: z.string(),
    id: z.string(),
    inputs: z.record(z.string(), z.unknown()),
    outputs: z.record(z.string(), z.unknown()),
    set: z.object({ path: z.string(), value: z.unknown() }).optional(),
  }),
  z.object({
    do: z.literal("send"),
    substrate: z.string(),
    requests: z.array(
      z.object({
        method: z.enum(["POST", "PUT", "DELETE"]),
        path: z.string().startsWith("/"),
        form: z.record(z.string(), z.string()).optional(),
      }),
    ),
  }),
  z.object({
    do: z.literal("tamper"),
    substrate: z.string(),
    change: z.union([
      z.object({ guest: z.string(), meddle: z.enum(meddlings) }),
      z.object({ host: z.string(), meddle: z.string() }),
    ]),
  }),
  z.object({ do: z.literal("break"), fault: z.string(), forMs: z.number().int().positive().optional() }),
  z.object({ do: z.literal("latency"), ms: z.number().int().min(0).max(60_000) }),
  z.object({ do: z.literal("state"), substrate: z.string() }),
  z.object({ do: z.literal("heal") }),
  z.object({ do: z.literal("down") }),
]);

/** A parsed command. */
export type LabCommand = z.infer<typeof command>;

/** How the lab is doing. */
export const status = z.object({
  /** Names of switched-on machines. */
  machines: z.array(z.string()),
  /** How many changes were made through an API since the start, by principal. */
  effects: z.record(z.string(), z.number()),
  faults: z.array(z.string()),
  latency: z.number(),
});

/** A parsed status. */
export type LabStatus = z.infer<typeof status>;

/** A running control API. */
export type Control = AsyncDisposable & { readonly port: number; readonly token: string };

/** Serves the control API. `onDown` is called when the lab is asked to end. */
export async function serveControl(lab: Lab, onDown: () => void): Promise<Control> {
  const token = randomBytes(24).toString("hex");
  const server = createServer((request, response) => void answer({ lab, onDown, token }, request, response));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject).listen(0, "127.0.0.1", resolve);
  await promise;
  const address = server.address();
  return {
    port: isAddress(address) ? address.port : 0,
    token,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

type Context = { readonly lab: Lab; readonly onDown: () => void; readonly token: string };

async function answer(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    if (!isAuthorised(request, context.token)) return void response.writeHead(401).end();
    const asked = command.parse(JSON.parse(await text(request)));
    await obey(context, asked);
    response.end(JSON.stringify(answerTo(context, asked)));
    if (asked.do === "down") context.onDown();
  } catch (error) {
    response.writeHead(400).end(error instanceof Error ? error.message : String(error));
  }
}

async function obey({ lab }: Context, asked: LabCommand): Promise<void> {
  if (asked.do === "meddle") await lab.meddle(asked);
  if (asked.do === "send") await lab.send(asked.substrate, asked.requests);
  if (asked.do === "tamper") await lab.tamper(asked.substrate, asked.change);
  if (asked.do === "break") lab.world.breakDown(asked.fault, asked.forMs);
  if (asked.do === "latency") lab.world.latency = asked.ms;
  if (asked.do === "heal") await lab.heal();
}

function answerTo({ lab }: Context, asked: LabCommand): unknown {
  return asked.do === "state" ? lab.state(asked.substrate) : statusOf(lab);
}

function statusOf({ world }: Lab): LabStatus {
  const effects: Record<string, number> = {};
  for (const { principal } of world.effects) effects[principal] = (effects[principal] ?? 0) + 1;
  const machines = [...world.machines.values()].map(({ label }) => label).sort();
  return { machines, effects, faults: world.faults(), latency: world.latency };
}

function isAuthorised({ headers }: IncomingMessage, token: string): boolean {
  const given = Buffer.from(headers.authorization ?? "");
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function isAddress(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}
