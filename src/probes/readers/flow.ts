// Tries one flow from inside an endpoint: a ping, a connection, or a datagram with its answer.
import type { Question } from "../transport.ts";
import { pingProbe, readPing } from "./ping.ts";
import { readTcp, tcpProbe } from "./tcp.ts";
import { datagram, readDatagram } from "./udp.ts";

/** What is tried; a port for all but icmp. */
type Flow = { readonly protocol: "icmp" | "tcp" | "udp"; readonly port?: number | undefined };

/** What a flow came to. `seen`: the address that it came from, where the far side has told. */
export type Tried = { readonly open: boolean; readonly seen?: string | undefined };

/** The probe that tries a flow to an address, and what its reading shows. `read` throws `Unreadable`. */
export function flowTrial({ protocol, port = 0 }: Flow, address: string): Question<Tried> {
  if (protocol === "icmp")
    return { probe: pingProbe("ping", address), read: (reading) => ({ open: readPing(reading) }) };
  if (protocol === "tcp")
    return {
      probe: tcpProbe("tcp", { address, port }),
      read: (reading) => ({ open: readTcp(reading) === "open" }),
    };
  const sent = datagram("udp", { address, port });
  return {
    probe: sent.probe,
    read: (reading) => {
      const echo = readDatagram(sent, reading);
      return echo.port === "open" ? { open: true, seen: echo.seen } : { open: false };
    },
  };
}
