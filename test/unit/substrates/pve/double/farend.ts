// A far end for tests: the real HTTPS server on a cluster whose clock the test holds.
import { Agent, request } from "node:https";
import { z } from "zod";
import { newAuthority } from "../../../../../src/substrates/farend/authority.ts";
import { newCluster } from "../../../../../src/substrates/pve/double/cluster.ts";
import { outsider } from "../../../../../src/substrates/pve/double/handler.ts";
import { serve } from "../../../../../src/substrates/pve/double/server.ts";
import type { Cluster } from "../../../../../src/substrates/pve/double/state.ts";
import { addToken } from "../../../../../src/substrates/pve/double/tokens.ts";
import { World } from "../../../../../src/world/world.ts";
import { violations } from "./schema.ts";

const answer = z.object({
  data: z.unknown(),
  changes: z.string().optional(),
  message: z.string().optional(),
  errors: z.record(z.string(), z.string()).optional(),
});

type Answer = z.infer<typeof answer> & { readonly status: number; readonly reason: string };

export type Form = Readonly<Record<string, string>>;

type Options = {
  readonly form?: Form | undefined;
  readonly query?: Form | undefined;
  readonly as?: string;
  readonly authorization?: string;
};

export type FarEnd = AsyncDisposable & {
  readonly world: World;
  readonly cluster: Cluster;
  readonly port: number;
  readonly ca: string;
  /** Lets time pass, in ms. */
  readonly pass: (ms: number) => void;
  /** Sends a request; a success that is not as PVE describes it is an error. `as`: a token's id. */
  readonly send: (method: string, path: string, options?: Options) => Promise<Answer>;
  /** Sends as the outsider, sees a task through and expects it to end well. */
  readonly drift: (method: string, path: string, form?: Form) => Promise<void>;
  /** A write by the certifier whose task, if any, is over; gives how that ended. */
  readonly change: (method: string, path: string, form?: Form) => Promise<string>;
};

export const certifier = "certifier@pve!lab";

export async function startFarEnd(): Promise<FarEnd> {
  let now = 1_795_000_000_000;
  const world = new World(() => now);
  const authority = await newAuthority("authority of a test");
  const [pve1, pve2] = await Promise.all([authority.issue("pve1"), authority.issue("pve2")]);
  const cluster = newCluster(world, { pve1: pve1.certificate, pve2: pve2.certificate });
  for (const id of [certifier, outsider]) addToken(cluster, id, "full");
  const server = await serve(cluster, pve1);
  const agent = new Agent({ keepAlive: true, ca: authority.certificate });
  const pass = (ms: number) => {
    now += ms;
  };
  const send: FarEnd["send"] = (method, path, { as = certifier, ...parts } = {}) => {
    const own = `PVEAPIToken=${as}=${cluster.tokens.get(as)?.secret}`;
    return transfer({ agent, port: server.port, authorization: own, method, path, ...parts });
  };
  const settled = async (method: string, path: string, options: Options) => {
    const { status, reason, data } = await send(method, path, options);
    if (status !== 200) return `${status} ${reason}`;
    pass(100);
    return typeof data === "string" && data.startsWith("UPID:")
      ? String(cluster.tasks.get(data)?.exitstatus)
      : "OK";
  };
  return {
    ...{ world, cluster, port: server.port, ca: authority.certificate, pass, send },
    change: (method, path, form) => settled(method, path, { form }),
    drift: async (method, path, form) => {
      const ended = await settled(method, path, { form, as: outsider });
      if (ended !== "OK") throw new Error(`${method} ${path}: ${ended}`);
    },
    async [Symbol.asyncDispose]() {
      agent.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

type Transfer = {
  readonly agent: Agent;
  readonly port: number;
  readonly authorization: string;
  readonly method: string;
  readonly path: string;
  readonly form?: Form | undefined;
  readonly query?: Form | undefined;
};

async function transfer({
  agent,
  port,
  authorization,
  method,
  path,
  form,
  query,
}: Transfer): Promise<Answer> {
  const search = query === undefined ? "" : `?${new URLSearchParams(query)}`;
  const outgoing = request({
    ...{ agent, host: "127.0.0.1", port, method, path: `/api2/json${path}${search}` },
    headers: { authorization, "content-type": "application/x-www-form-urlencoded" },
  });
  const { status, reason, text } = await new Promise<{ status: number; reason: string; text: string }>(
    (resolve, reject) => {
      outgoing.on("error", reject);
      outgoing.on("response", (incoming) => {
        let text = "";
        incoming.setEncoding("utf8").on("data", (part) => {
          text += part;
        });
        incoming.on("end", () =>
          resolve({ status: incoming.statusCode ?? 0, reason: incoming.statusMessage ?? "", text }),
        );
      });
      outgoing.end(form === undefined ? undefined : String(new URLSearchParams(form)));
    },
  );
  const body = answer.parse(JSON.parse(text));
  const wrong = status === 200 ? violations(method, path.replace(/\/$/, ""), body.data) : [];
  if (wrong.length > 0) throw new Error(`${method} ${path} is not as PVE describes it: ${wrong.join("; ")}`);
  return { status, reason, ...body };
}
