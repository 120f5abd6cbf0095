// ip(8) with JSON output, the shapes as iproute2 6 prints them.
import { addressOf, broadcastOf, isAddress, networkOf, prefixOf } from "../address.ts";
import { hopTo, hostOf, owns } from "../host.ts";
import type { Machine } from "../machine.ts";
import { type Command, fails, prints } from "./output.ts";

/** `ip -j addr`, `ip -j route`, `ip -j route get ADDRESS` */
export const ip: Command = ({ machine }, words) => {
  const [flag, object, verb, address, ...rest] = words;
  if (flag !== "-j") return fails(255, "ip: only JSON output is known here\n");
  if (object === "addr" && verb === undefined) return json(addresses(machine));
  if (object === "route" && verb === undefined) return json(routes(machine));
  if (object === "route" && verb === "get" && address !== undefined && rest.length === 0)
    return get(machine, address);
  return fails(255, `Command "${words.slice(1).join(" ")}" is unknown, try "ip help".\n`);
};

function json(value: unknown) {
  return prints(`${JSON.stringify(value)}\n`);
}

/** Forever, in seconds. */
const lifetimes = { valid_life_time: 4_294_967_295, preferred_life_time: 4_294_967_295 };

function addresses({ nics, system }: Machine): unknown[] {
  const common = { group: "default", txqlen: 1000 };
  const loopback = {
    ...{ ifindex: 1, ifname: "lo", flags: ["LOOPBACK", "UP", "LOWER_UP"], mtu: 65536, qdisc: "noqueue" },
    ...{ operstate: "UNKNOWN", ...common, link_type: "loopback" },
    ...{ address: "00:00:00:00:00:00", broadcast: "00:00:00:00:00:00" },
    addr_info: [
      { family: "inet", local: "127.0.0.1", prefixlen: 8, scope: "host", label: "lo", ...lifetimes },
    ],
  };
  const links = nics.map(({ mac }, index) => {
    const own = system.addresses.filter(({ nic }) => nic === index);
    const name = own[0]?.name ?? `eth${index}`;
    return {
      ...{ ifindex: index + 2, ifname: name, flags: ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"] },
      mtu: system.mtus[index] ?? 1500,
      ...{ qdisc: "fq_codel", operstate: "UP", ...common, link_type: "ether" },
      ...{ address: mac.toLowerCase(), broadcast: "ff:ff:ff:ff:ff:ff" },
      addr_info: own.map(({ address }) => ({
        ...{ family: "inet", local: addressOf(address), prefixlen: prefixOf(address) },
        ...{ broadcast: broadcastOf(address), scope: "global", label: name, ...lifetimes },
      })),
    };
  });
  return [loopback, ...links];
}

function routes(machine: Machine): unknown[] {
  const { system } = machine;
  const own = system.routes.map(({ destination, via }) => ({
    dst: prefixOf(destination) === 0 ? "default" : destination,
    gateway: via,
    dev: hopTo(hostOf(machine), via)?.name,
    protocol: "static",
    flags: [],
  }));
  const connected = system.addresses.map(({ name, address }) => ({
    ...{ dst: networkOf(address), dev: name, protocol: "kernel", scope: "link" },
    ...{ prefsrc: addressOf(address), flags: [] },
  }));
  return [...own, ...connected];
}

function get(machine: Machine, address: string) {
  const host = hostOf(machine);
  if (!isAddress(address)) return fails(1, `Error: any valid prefix is expected rather than "${address}".\n`);
  const end = { flags: [], uid: 1000 };
  if (owns(host, address))
    return json([{ type: "local", dst: address, dev: "lo", prefsrc: address, ...end, cache: ["local"] }]);
  const hop = hopTo(host, address);
  if (hop === undefined) return fails(2, "RTNETLINK answers: Network is unreachable\n");
  const gateway = hop.via === address ? {} : { gateway: hop.via };
  return json([{ dst: address, ...gateway, dev: hop.name, prefsrc: hop.source, ...end, cache: [] }]);
}
