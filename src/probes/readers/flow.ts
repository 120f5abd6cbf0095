// Tries one flow from inside an endpoint: a ping, a connection, or a datagram with its answer.
import type { Probe, Reading } from "../transport.ts";
import { pingProbe, readPing } from "./ping.ts";
import { readTcp, tcpProbe } from "./tcp.ts";
import { datagram, readDatagram } from "./udp.ts";

/** What is tried; a port for all but icmp. */
type Tried = { readonly protocol: "icmp" | "tcp" | "udp"; readonly port?: number | undefined };

/** The probe that tries a flow to an address, and whether its reading shows that it works. `read` throws `Unreadable`. */
export function flowTrial(
  { protocol, port = 0 }: Tried,
  address: string,
): { readonly probe: Probe; readonly read: (reading: Reading) => boolean } {
  if (protocol === "icmp") return { probe: pingProbe("ping", address), read: readPing };
  if (protocol === "tcp")
    return { probe: tcpProbe("tcp", { address, port }), read: (reading) => readTcp(reading) === "open" };
  const sent = datagram("udp", { address, port });
  return { probe: sent.probe, read: (reading) => readDatagram(sent, reading).port === "open" };
}
