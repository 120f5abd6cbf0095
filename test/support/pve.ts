// The lab's PVE substrate as its stack config has it, provisioned through the REST API, and a look at it with all checks.
import { readFileSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { parse } from "yaml";
import { z } from "zod";
import type { RawConfig } from "../../src/environment/section.ts";
import { startLab } from "../../src/lab/lab.ts";
import { publicKeyOf } from "../../src/probes/key.ts";
import { type PveConfig, parsePve } from "../../src/substrates/pve/config.ts";
import { proxmoxveProvider } from "../../src/substrates/pve/double/provider/index.ts";
import { planPve } from "../../src/substrates/pve/plan.ts";
import { Seen } from "../../src/substrates/pve/seen.ts";
import type { Guest } from "../../src/substrates/pve/topology.ts";
import { runPlan } from "./checks.ts";

const stackFile = new URL("../../stacks/Pulumi.lab-pve.yaml", import.meta.url);
const tracked = z.object({ config: z.record(z.string(), z.unknown()) });

/** Shorter than the lab's, so that silence is noticed soon. */
const hurried = { "substrate:bootDeadline": "1s", "substrate:connectTimeout": "1s" };

/** The lab's stack config as it is tracked, without what a running lab lays over it. */
export function labConfig(): RawConfig {
  return tracked.parse(parse(readFileSync(stackFile, "utf8"))).config;
}

/** Starts a lab and provisions it. */
export async function startPve() {
  const lab = await startLab({ substrates: ["pve"], realPlugins: true });
  const raw: RawConfig = { ...labConfig(), ...hurried, ...lab.overlay.pve };
  const config = parsePve(raw, "the lab");
  const api = apiOf(config);
  await provision(config, api.change);
  const invoke = await invokeOf(config);
  return {
    world: lab.world,
    config,
    raw,
    ...api,
    /** Looks with every check; gives `result: summary` by key. `config`: of the one who looks. */
    look: (own: PveConfig = config, signal?: AbortSignal) => look(own, invoke, signal),
    async [Symbol.asyncDispose]() {
      api.agent.destroy();
      await lab[Symbol.asyncDispose]();
    },
  };
}

export type Pve = Awaited<ReturnType<typeof startPve>>;
type Invoke = (
  token: string,
  args: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
) => Promise<unknown>;

async function look(config: PveConfig, invoke: Invoke, signal?: AbortSignal) {
  await using closing = new AsyncDisposableStack();
  const debug: string[] = [];
  const seen = new Seen();
  const hostKeys = { recorded: () => undefined, note: () => undefined };
  const sight = { invoke, hostKeys, debug: (line: string) => void debug.push(line), closing };
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

type Change = (method: string, path: string, form?: Form) => Promise<void>;

async function provision(config: PveConfig, change: Change): Promise<void> {
  const { template, image, datastore } = config;
  for (const bridge of config.bridges.filter(({ adopt }) => adopt === undefined)) {
    const ports = { bridge_ports: bridge.ports.join(" "), bridge_vlan_aware: "1", bridge_vids: bridge.vids };
    await change("POST", `/nodes/${bridge.node}/network`, {
      ...{ iface: bridge.iface, type: "bridge", autostart: "1", mtu: String(bridge.mtu) },
      ...ports,
    });
    await change("PUT", `/nodes/${bridge.node}/network`);
  }
  await change("POST", `/nodes/${image.node}/storage/${image.datastore}/download-url`, {
    ...{ url: image.url, content: "import", filename: image.file },
  });
  await change("POST", `/nodes/${template.node}/qemu`, {
    ...{ vmid: String(template.vmId), name: "routerd-template", memory: String(template.memory) },
    ...{ cores: String(template.cores), agent: "enabled=1", boot: "order=scsi0" },
    scsi0: `file=${datastore}:0,import-from=${image.datastore}:import/${image.file}`,
  });
  await change("POST", `/nodes/${template.node}/qemu/${template.vmId}/template`);
  for (const guest of config.guests) await makeGuest(config, guest, change);
}

/** Clones a guest from the template and switches it on. */
async function makeGuest(config: PveConfig, guest: Guest, change: Change): Promise<void> {
  const from = config.template;
  await change("POST", `/nodes/${from.node}/qemu/${from.vmId}/clone`, {
    ...{ newid: String(guest.vmId), full: "1", name: guest.name },
  });
  const to = { target: guest.node, "with-local-disks": "1" };
  if (guest.node !== from.node) await change("POST", `/nodes/${from.node}/qemu/${guest.vmId}/migrate`, to);
  const key = encodeURIComponent(publicKeyOf(config.common.sshKey));
  const path = `/nodes/${guest.node}/qemu/${guest.vmId}`;
  await change("PUT", `${path}/config`, {
    ...Object.fromEntries(guest.nics.flatMap((nic, at) => nicSettings(nic, at))),
    ...{ agent: "enabled=1", citype: "nocloud", ciuser: config.user, sshkeys: key },
    ide2: `file=${config.datastore}:cloudinit,media=cdrom`,
  });
  await change("POST", `${path}/status/start`);
}

function nicSettings({ bridge, vlan, address, gateway }: Guest["nics"][number], at: number) {
  const ip = gateway === undefined ? `ip=${address}` : `ip=${address},gw=${gateway}`;
  return [
    [`net${at}`, `model=virtio,bridge=${bridge.iface},tag=${vlan}`],
    [`ipconfig${at}`, ip],
  ];
}

/** What the engine's provider would answer: the double's own functions, signed in as the certifier. */
async function invokeOf({ endpoint, token, ca }: PveConfig): Promise<Invoke> {
  const file = join(await mkdtemp(join(tmpdir(), "pve-ca-")), "ca.pem");
  await writeFile(file, ca ?? "");
  process.env.SSL_CERT_FILE = file;
  const session = proxmoxveProvider.configure({ endpoint, apiToken: token.reveal() });
  return (name, args, signal) => session.invoke(name, args, signal);
}
