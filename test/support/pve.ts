// The lab's PVE substrate as its stack config has it, provisioned as its program declares it, and a look at it with all checks.
import { readFileSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { load } from "js-yaml";
import { z } from "zod";
import { newRun } from "../../src/environment/run.ts";
import type { RawConfig } from "../../src/environment/section.ts";
import { startLab } from "../../src/lab/lab.ts";
import type { ProviderSession } from "../../src/substrates/double.ts";
import { type PveConfig, parsePve } from "../../src/substrates/pve/config.ts";
import { proxmoxveProvider } from "../../src/substrates/pve/double/provider/index.ts";
import { planPve } from "../../src/substrates/pve/plan.ts";
import { Seen } from "../../src/substrates/seen.ts";
import type { Sight } from "../../src/substrates/substrate.ts";
import { believing, nowhere, runPlan } from "./checks.ts";
import { provision } from "./declared.ts";

const stackFile = new URL("../../stacks/Pulumi.lab-pve.yaml", import.meta.url);
const tracked = z.object({ config: z.record(z.string(), z.unknown()) });

/** Shorter than the lab's, so that silence is noticed soon. */
const hurried = { "substrate:bootDeadline": "1s", "substrate:connectTimeout": "3s" };

/** The lab's stack config as it is tracked, without what a running lab lays over it. */
export function labConfig(): RawConfig {
  return tracked.parse(load(readFileSync(stackFile, "utf8"))).config;
}

/** Starts a lab and provisions it. */
export async function startPve() {
  const lab = await startLab({ substrates: ["pve"], realPlugins: true });
  const raw: RawConfig = { ...labConfig(), ...hurried, ...lab.overlay.pve };
  const config = parsePve(raw, "the lab");
  const api = apiOf(config);
  const session = await sessionOf(config);
  const run = newRun(new Date(), "run-test");
  await provision(config, session, run);
  const sight: Sighted = { invoke: (name, args, signal) => session.invoke(name, args, signal), run };
  // The first handshakes of a process take longer than a hurried look waits.
  await look(config, sight);
  return {
    world: lab.world,
    config,
    raw,
    ...api,
    /** Looks with every check; gives `result: summary` by key. `config`: of the one who looks. */
    look: (own: PveConfig = config, signal?: AbortSignal) => look(own, sight, signal),
    async [Symbol.asyncDispose]() {
      api.agent.destroy();
      await lab[Symbol.asyncDispose]();
    },
  };
}

export type Pve = Awaited<ReturnType<typeof startPve>>;
type Sighted = Pick<Sight, "invoke" | "run">;

async function look(config: PveConfig, sighted: Sighted, signal?: AbortSignal) {
  await using closing = new AsyncDisposableStack();
  const debug: string[] = [];
  const seen = new Seen();
  const sight = {
    ...sighted,
    ...{ hostKeys: believing, edge: nowhere },
    idOf: () => undefined,
    repair: false,
    debug: (line: string) => void debug.push(line),
    closing,
  };
  const plan = planPve(config, sight, seen);
  const { answers, told } = await runPlan(plan, signal);
  const verdicts = answers.map(({ check, result, summary }) => [
    check.target === undefined ? check.id : `${check.id}@${check.target}`,
    `${result}: ${summary}`,
  ]);
  const table: Readonly<Record<string, string>> = Object.fromEntries(verdicts);
  return {
    table,
    seen: seen.all(),
    errors: told.flatMap(({ error }) => (error === undefined ? [] : [error])),
  };
}

type Form = Readonly<Record<string, string>>;
const envelope = z.object({ data: z.unknown() });

/** Writes through the API; sees a task through. */
function apiOf(config: PveConfig) {
  const agent = new Agent({ keepAlive: true, ...(config.ca === undefined ? {} : { ca: config.ca }) });
  const send = async (method: string, path: string, form?: Form): Promise<unknown> => {
    const headers = {
      authorization: `PVEAPIToken=${config.token.reveal()}`,
      "content-type": "application/x-www-form-urlencoded",
    };
    const outgoing = request(new URL(`/api2/json${path}`, config.endpoint), { agent, method, headers });
    const answer = new Promise<import("node:http").IncomingMessage>((resolve, reject) =>
      outgoing.on("response", resolve).on("error", reject),
    );
    outgoing.end(form === undefined ? undefined : String(new URLSearchParams(form)));
    const response = await answer;
    const body = await text(response);
    if (response.statusCode !== 200) throw new Error(`${method} ${path}: ${response.statusCode} ${body}`);
    return envelope.parse(JSON.parse(body)).data;
  };
  const change = async (method: string, path: string, form?: Form): Promise<void> => {
    const task = z
      .string()
      .startsWith("UPID:")
      .safeParse(await send(method, path, form));
    if (!task.success) return;
    const node = task.data.split(":")[1];
    for (;;) {
      const told = await send("GET", `/nodes/${node}/tasks/${encodeURIComponent(task.data)}/status`);
      const { status, exitstatus } = z
        .object({ status: z.string(), exitstatus: z.string().optional() })
        .parse(told);
      if (status === "stopped" && exitstatus !== "OK") throw new Error(`${method} ${path}: ${exitstatus}`);
      if (status === "stopped") return;
      await pause(10);
    }
  };
  return { agent, send, change };
}

/** The engine's provider: its double, signed in as the certifier. */
async function sessionOf({ endpoint, token, ca }: PveConfig): Promise<ProviderSession> {
  const file = join(await mkdtemp(join(tmpdir(), "pve-ca-")), "ca.pem");
  await writeFile(file, ca ?? "");
  process.env.SSL_CERT_FILE = file;
  return proxmoxveProvider.configure({ endpoint, apiToken: token.reveal() });
}
