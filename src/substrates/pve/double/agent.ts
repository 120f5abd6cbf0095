// The guest agent as the API passes it on: three ways to be told that it can not be asked, all with status 500.
import { fileOf } from "../../../world/commands/files.ts";
import type { Machine } from "../../../world/machine.ts";
import { answers, machineId } from "./power.ts";
import { broken } from "./refusal.ts";
import type { Cluster, Vm } from "./state.ts";
import { agentEnabled } from "./status.ts";

/** POST …/agent/ping */
export function ping(cluster: Cluster, vm: Vm): Record<string, never> {
  guestOf(cluster, vm);
  return {};
}

/** GET …/agent/info */
export function info(cluster: Cluster, vm: Vm): Record<string, unknown> {
  const { agentRefuses } = guestOf(cluster, vm).system;
  const names = ["guest-exec", "guest-exec-status", "guest-file-close", "guest-file-open", "guest-file-read"];
  const commands = [
    ...names,
    "guest-get-host-name",
    "guest-info",
    "guest-network-get-interfaces",
    "guest-ping",
  ];
  const listed = commands.map((name) => ({
    name,
    enabled: !agentRefuses.includes(name),
    "success-response": true,
  }));
  return { version: "8.2.2", supported_commands: listed };
}

/** GET …/agent/get-host-name */
export function hostName(cluster: Cluster, vm: Vm): Record<string, string> {
  return { "host-name": guestOf(cluster, vm).system.hostname };
}

/** GET …/agent/network-get-interfaces */
export function networkInterfaces(cluster: Cluster, vm: Vm): Record<string, unknown>[] {
  const { nics, system } = guestOf(cluster, vm);
  const loopback = [address("ipv4", "127.0.0.1/8"), address("ipv6", "::1/128")];
  return [
    networkInterface("lo", "00:00:00:00:00:00", loopback),
    ...nics.map(({ mac }, index) => {
      const own = system.addresses.filter(({ nic }) => nic === index);
      const addresses = [
        ...own.map(({ address: cidr }) => address("ipv4", cidr)),
        address("ipv6", linkLocal(mac)),
      ];
      return networkInterface(own[0]?.name ?? `eth${index}`, mac.toLowerCase(), addresses);
    }),
  ];
}

/** GET …/agent/file-read: the files that a guest of the lab has. */
export function readFile(cluster: Cluster, vm: Vm, path: string): { content: string; "bytes-read": number } {
  const { system } = guestOf(cluster, vm);
  const content = fileOf(system, path);
  if (content !== undefined) return { content, "bytes-read": Buffer.byteLength(content) };
  throw broken(
    `Agent error: Guest agent command failed, error was 'failed to open file '${path}' (mode: 'r'): No such file or directory'`,
  );
}

/** The texts by which callers tell the reasons apart (qemu-server, Agent.pm: assert_agent_available). */
export function guestOf(cluster: Cluster, vm: Vm): Machine {
  if (!vm.config.has("agent")) throw broken("No QEMU guest agent configured");
  if (vm.startedAt === undefined) throw broken(`VM ${vm.id} is not running`);
  const machine = cluster.world.machines.get(machineId(vm.id));
  const listens = machine?.system.agent === true && agentEnabled(vm.config) && answers(cluster, vm);
  if (machine !== undefined && listens) return machine;
  throw broken("QEMU guest agent is not running");
}

/** As QEMU's agent says it of a command that its `block-rpcs` names (qapi/qmp-dispatch.c). */
export function refuseBlocked({ system }: Machine, command: string): void {
  if (system.agentRefuses.includes(command))
    throw broken(`Agent error: Command ${command} has been disabled: the command is not allowed`);
}

function networkInterface(name: string, mac: string, addresses: readonly unknown[]): Record<string, unknown> {
  const counters = ["bytes", "dropped", "errs", "packets"].flatMap((what) => [`rx-${what}`, `tx-${what}`]);
  const statistics = Object.fromEntries(counters.map((name) => [name, 0]));
  return { name, "hardware-address": mac, "ip-addresses": addresses, statistics };
}

function address(type: "ipv4" | "ipv6", cidr: string): Record<string, unknown> {
  const [ip = "", prefix] = cidr.split("/");
  return { "ip-address-type": type, "ip-address": ip, prefix: Number(prefix) };
}

/** EUI-64 (RFC 4291): the second lowest bit of the first octet is turned over, ff:fe goes into the middle. */
function linkLocal(mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac
    .split(":")
    .map((octet) => Number.parseInt(octet, 16));
  const groups = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f];
  return `fe80::${groups.map((group) => group.toString(16)).join(":")}/64`;
}
