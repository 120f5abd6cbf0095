// arping(8) of iputils: who answers for an address on the wire of one interface.
import { addressOf, isAddress } from "../address.ts";
import { whoHas } from "../arp.ts";
import { type Command, fails } from "./output.ts";

type Asked = { duplicate: boolean; device: string; count: number; destination: string };

/**
 * `arping [-D] -I INTERFACE -cCOUNT -wDEADLINE ADDRESS`. Exit codes as iputils 20221126 shows them: 0 answered, 1 not,
 * 2 could not try; with -D (duplicate address detection, from 0.0.0.0) 0 when nobody answered and 1 when somebody did.
 */
export const arping: Command = ({ world, machine, root }, words) => {
  const asked = parse(words);
  if (asked === undefined) return fails(2, "\nUsage:\n  arping [options] <destination>\n");
  if (!root) return fails(2, "arping: socket: Operation not permitted\n");
  const { duplicate, device, count, destination } = asked;
  const nic = machine.nics.findIndex((_, index) => nameOf(machine.system.addresses, index) === device);
  if (nic === -1) return fails(2, `arping: Device ${device} not available.\n`);
  const own = machine.system.addresses.find((address) => address.nic === nic);
  if (own === undefined && !duplicate) return fails(2, `arping: ${device}: No suitable source address\n`);
  const macs = whoHas(world, machine, { nic, address: destination });
  const lines = Array.from({ length: duplicate ? 1 : count }, () =>
    macs.map((mac) => `Unicast reply from ${destination} [${mac}]  0.525ms`),
  ).flat();
  const source = duplicate || own === undefined ? "0.0.0.0" : addressOf(own.address);
  const head = `ARPING ${destination} from ${source} ${device}`;
  const tail = `Sent ${count} probes (${macs.length > 0 ? 1 : count} broadcast(s))`;
  const text = [head, ...lines, tail, `Received ${lines.length} response(s)`, ""].join("\n");
  return { exit: duplicate === macs.length > 0 ? 1 : 0, stdout: text, stderr: "" };
};

function parse(words: readonly string[]): Asked | undefined {
  const [duplicate, rest] = words[0] === "-D" ? [true, words.slice(1)] : [false, words];
  const [flag, device, count = "", deadline = "", destination = "", ...more] = rest;
  const counted = Number(/^-c(\d+)$/.exec(count)?.[1]);
  if (flag !== "-I" || device === undefined || !(counted > 0) || !/^-w\d+$/.test(deadline)) return undefined;
  if (!isAddress(destination) || more.length > 0) return undefined;
  return { duplicate, device, count: counted, destination };
}

/** Interfaces without an address are named by their number. */
function nameOf(addresses: readonly { nic: number; name: string }[], index: number): string {
  return addresses.find(({ nic }) => nic === index)?.name ?? `eth${index}`;
}
