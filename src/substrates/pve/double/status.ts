// What the API tells about VMs and nodes beside their config: rows for lists, and current status.
import { X509Certificate } from "node:crypto";
import { lockOf } from "./cluster.ts";
import { bootDisk } from "./drives.ts";
import { may } from "./needs.ts";
import { parseOptions } from "./options.ts";
import type { Cluster, Node, Setting, Vm } from "./state.ts";
import { seconds } from "./tasks.ts";
import type { Caller } from "./tokens.ts";

const MiB = 1024 ** 2;
const machine = {
  maxcpu: 16,
  maxmem: 65_536 * MiB,
  mem: 8192 * MiB,
  maxdisk: 61_440 * MiB,
  disk: 10_240 * MiB,
};
const idle = { cpu: 0, disk: 0, netin: 0, netout: 0, diskread: 0, diskwrite: 0 };

/** GET …/status/current */
export function currentStatus(cluster: Cluster, vm: Vm): Record<string, unknown> {
  const agent = agentEnabled(vm.config);
  return {
    ...vmRow(cluster, vm),
    qmpstatus: vm.paused === true ? "paused" : statusOf(vm),
    ha: { managed: 0 },
    ...(agent && { agent: 1 }),
  };
}

/** A row of GET /nodes/{node}/qemu */
export function vmRow(cluster: Cluster, vm: Vm): Record<string, unknown> {
  const {
    maxcpu: cpus,
    type: _type,
    node: _node,
    id: _id,
    template: _template,
    ...rest
  } = resourceRow(cluster, vm);
  return {
    ...rest,
    cpus,
    ...(vm.config.get("template") === 1 && { template: 1 }),
    ...(vm.startedAt !== undefined && { pid: 100_000 + vm.id }),
  };
}

/** GET /cluster/resources */
export function resources(caller: Caller, type: "vm" | "node"): Record<string, unknown>[] {
  return type === "node"
    ? nodeRows(caller.cluster)
    : visibleVms(caller).map((vm) => resourceRow(caller.cluster, vm));
}

/** The VMs that a caller is shown; the others are left out without a word. */
export function visibleVms(caller: Caller): Vm[] {
  const all = [...caller.cluster.vms.values()];
  return all.filter(({ id }) => may(caller, { on: `/vms/${id}`, all: ["VM.Audit"] }));
}

/** GET /nodes */
export function nodeRows(cluster: Cluster): Record<string, unknown>[] {
  return [...cluster.nodes.values()].map(({ name, certificate }) => ({
    id: `node/${name}`,
    node: name,
    type: "node",
    status: isOffline(cluster, name) ? "offline" : "online",
    level: "",
    cpu: 0.01,
    uptime: 86_400,
    ...machine,
    ssl_fingerprint: new X509Certificate(certificate).fingerprint256,
  }));
}

/** GET /nodes/{node}/status */
export function nodeStatus(node: Node): Record<string, unknown> {
  const release = "6.14.11-2-pve";
  const space = (total: number, used: number) => ({ total, used, free: total - used });
  return {
    pveversion: `pve-manager/${version.version}/${version.repoid}`,
    kversion: `Linux ${release}`,
    "current-kernel": { sysname: "Linux", release, version: "#1 SMP PREEMPT_DYNAMIC", machine: "x86_64" },
    "boot-info": { mode: "efi", secureboot: 0 },
    cpuinfo: { cpus: machine.maxcpu, cores: machine.maxcpu, sockets: 1, model: "lab" },
    cpu: 0.01,
    loadavg: ["0.10", "0.10", "0.10"],
    memory: { ...space(machine.maxmem, machine.mem), available: machine.maxmem - machine.mem },
    rootfs: { ...space(machine.maxdisk, machine.disk), avail: machine.maxdisk - machine.disk },
    uptime: 86_400,
    wait: 0,
    idle: 0,
    ksm: { shared: 0 },
    swap: space(0, 0),
    node: node.name,
  };
}

/** GET /cluster/status; the request went to the first node. */
export function clusterStatus(cluster: Cluster): Record<string, unknown>[] {
  const nodes = [...cluster.nodes.values()].map(({ name, address }, index) => ({
    ...{ type: "node", id: `node/${name}`, name, ip: address, nodeid: index + 1, level: "" },
    ...{ online: isOffline(cluster, name) ? 0 : 1, local: index === 0 ? 1 : 0 },
  }));
  // Two votes: one is no majority.
  const quorate = nodes.every(({ online }) => online === 1) ? 1 : 0;
  return [
    { type: "cluster", id: "cluster", name: "lab", nodes: nodes.length, quorate, version: 2 },
    ...nodes,
  ];
}

/** Whether the rest of the cluster has lost a node; its guests run on. */
function isOffline({ world }: Cluster, node: string): boolean {
  return world.isBroken(`pve/${node}/offline`);
}

/** Whether the node that is asked can not pass requests on to another one. */
export function isUnreachable(cluster: Cluster, node: string): boolean {
  return isOffline(cluster, node) || cluster.world.isBroken(`pve/${node}/unproxied`);
}

/** GET /nodes/{node}/certificates/info */
export function certificates({ certificate }: Node): Record<string, unknown>[] {
  const parsed = new X509Certificate(certificate);
  const san = parsed.subjectAltName?.split(", ").map((name) => name.replace(/^(DNS|IP Address):/, "")) ?? [];
  return [
    {
      filename: "pve-ssl.pem",
      fingerprint: parsed.fingerprint256,
      subject: parsed.subject,
      issuer: parsed.issuer,
      notbefore: seconds(Date.parse(parsed.validFrom)),
      notafter: seconds(Date.parse(parsed.validTo)),
      san,
      pem: certificate,
    },
  ];
}

/** GET /version */
export const version = { release: "9.0", version: "9.0.6", repoid: "0123456789abcdef" } as const;

/** Whether a config switches the guest agent's channel on: `1`, `enabled=1,…`. */
export function agentEnabled(config: ReadonlyMap<string, Setting>): boolean {
  return parseOptions(String(config.get("agent") ?? ""), "enabled").get("enabled") === "1";
}

function resourceRow(cluster: Cluster, vm: Vm) {
  const { config } = vm;
  const maxmem = Number(config.get("memory") ?? 512) * MiB;
  const lock = lockOf(cluster, vm);
  const tags = config.get("tags");
  const size = bootDisk(cluster, vm)?.size ?? 0;
  return {
    ...{ id: `qemu/${vm.id}`, type: "qemu", node: vm.node, vmid: vm.id },
    name: String(config.get("name") ?? `VM ${vm.id}`),
    status: statusOf(vm),
    template: config.get("template") === 1 ? 1 : 0,
    maxcpu: Number(config.get("cores") ?? 1) * Number(config.get("sockets") ?? 1),
    ...{ maxmem, maxdisk: size, mem: vm.startedAt === undefined ? 0 : Math.round(maxmem / 4) },
    ...idle,
    uptime: vm.startedAt === undefined ? 0 : seconds(cluster.world.now() - vm.startedAt),
    ...(tags !== undefined && { tags }),
    ...(lock !== undefined && { lock }),
  };
}

function statusOf(vm: Vm): "running" | "stopped" {
  return vm.startedAt === undefined ? "stopped" : "running";
}
