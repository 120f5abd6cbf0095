// ping(8) of iputils.
import { isAddress } from "../address.ts";
import { hostOf, owns } from "../host.ts";
import { reach, type Verdict } from "../reachability.ts";
import { type Command, fails, type Output } from "./output.ts";

type Asked = {
  count: number;
  interval: number;
  wait: number;
  source: string | undefined;
  destination: string;
  /** Bytes of payload. */
  payload: number;
  /** `-M do`: never taken apart. */
  whole: boolean;
  /** `-q`: nothing is said of single packets. */
  quiet: boolean;
};

/** An IPv4 header and an ICMP header. */
const headers = 28;

/**
 * `ping -n [-q] -cCOUNT [-iINTERVAL] [-WTIMEOUT] [-wDEADLINE] [-I ADDRESS] [-M do -sSIZE] ADDRESS`. Exit codes by ping(8): 0 answered,
 * 1 not all (with a deadline) or none answered, 2 could not try.
 */
export const ping: Command = ({ world, machine }, words) => {
  const asked = parse(words);
  if (typeof asked === "string") return fails(2, asked);
  const { source, destination } = asked;
  if (!isAddress(destination)) return fails(2, `ping: ${destination}: Name or service not known\n`);
  if (source !== undefined && !isAddress(source)) return fails(2, `ping: unknown iface: ${source}\n`);
  if (source !== undefined && !owns(hostOf(machine), source))
    return fails(2, "ping: bind: Cannot assign requested address\n");
  const verdict = reach(world, machine, {
    ...{ protocol: "icmp", to: destination, from: source },
    ...(asked.whole && { size: asked.payload + headers }),
  });
  // Told by its own routing table, ping can not even connect its socket.
  if (verdict.result === "no-route" && verdict.at === undefined)
    return fails(2, "ping: connect: Network is unreachable\n");
  return report(asked, verdict);
};

const usage = "ping: usage error: Destination address required\n";

function parse(words: readonly string[]): Asked | string {
  const options = new Map<string, string>();
  const rest: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const [, flag, value] = /^-([ciWwInqsM])(.*)$/.exec(words[index] ?? "") ?? [];
    if (flag === undefined) rest.push(words[index] ?? "");
    else if ("nq".includes(flag) || value !== "") options.set(flag, value ?? "");
    else options.set(flag, words[++index] ?? "");
  }
  const [destination, ...more] = rest;
  if (destination === undefined) return usage;
  if (more.length > 0 || destination.startsWith("-")) return `ping: invalid option -- '${rest.join(" ")}'\n`;
  const number = (flag: string, otherwise: number) => Number(options.get(flag) ?? otherwise);
  // Without a count ping would never end by itself.
  if (!(number("c", 0) > 0)) return "ping: invalid argument: '-c'\n";
  if (!["do", undefined].includes(options.get("M"))) return "ping: invalid argument: '-M'\n";
  return {
    count: number("c", 0),
    interval: number("i", 1),
    wait: number("W", 10),
    source: options.get("I"),
    destination,
    payload: number("s", 56),
    whole: options.has("M"),
    quiet: options.has("q"),
  };
}

function report(asked: Asked, verdict: Verdict): Output {
  const { count, interval, wait, source, destination, payload } = asked;
  const from = source === undefined ? "" : ` from ${source} :`;
  const head = `PING ${destination} (${destination})${from} ${payload}(${payload + headers}) bytes of data.`;
  const lines = Array.from({ length: count }, (_, index) => lineOf(verdict, asked, index + 1)).flat();
  const answered = verdict.result === "delivered";
  const errors = !answered && lines.length > 0 ? ` +${count} errors,` : "";
  const time = Math.round(1_000 * (interval * (count - 1) + (answered ? 0 : wait)));
  const loss = `${count} packets transmitted, ${answered ? count : 0} received,${errors} ${answered ? 0 : 100}% packet loss, time ${time}ms`;
  const tail = answered ? "rtt min/avg/max/mdev = 0.412/0.412/0.412/0.000 ms" : "";
  const text = [
    head,
    ...(asked.quiet ? [] : lines),
    "",
    `--- ${destination} ping statistics ---`,
    loss,
    tail,
    "",
  ].join("\n");
  return { exit: answered ? 0 : 1, stdout: text, stderr: "" };
}

function lineOf(verdict: Verdict, { destination, payload }: Asked, sequence: number): readonly string[] {
  const told = (at: string | undefined, what: string) => [`From ${at} icmp_seq=${sequence} ${what}`];
  switch (verdict.result) {
    case "delivered":
      return [
        `${payload + 8} bytes from ${destination}: icmp_seq=${sequence} ttl=${64 - verdict.hops} time=0.412 ms`,
      ];
    case "unreachable":
      return told(verdict.at, "Destination Host Unreachable");
    case "prohibited":
      return told(verdict.at, "Destination Host Prohibited");
    case "no-route":
      return told(verdict.at, "Destination Net Unreachable");
    case "expired":
      return told(verdict.at, "Time to live exceeded");
    case "too-big":
      return verdict.at === undefined
        ? [`ping: local error: message too long, mtu=${verdict.mtu}`]
        : told(verdict.at, `Frag needed and DF set (mtu = ${verdict.mtu})`);
    case "filtered":
    case "refused":
      return [];
  }
}
