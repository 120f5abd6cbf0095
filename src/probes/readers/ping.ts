// Pings from inside an endpoint.
import { Unreadable } from "../../check/unreadable.ts";
import type { Probe, Reading } from "../transport.ts";

/**
 * Three echo requests, all of which must be answered: without `-w`, ping calls one reply of three a success
 * (iputils ping(8), EXIT STATUS).
 */
export function pingProbe(id: string, address: string): Probe {
  return { id, argv: ["ping", "-n", ...patient, address], timeout: 10 };
}

/** The same with IP packets of exactly so many bytes that no router may take apart. */
export function wholePingProbe(id: string, address: string, bytes: number): Probe {
  // An IPv4 header has 20 bytes, an ICMP header 8.
  return { id, argv: ["ping", "-n", "-M", "do", `-s${bytes - 28}`, ...patient, address], timeout: 10 };
}

/** Quiet: what counts is how ping ends, and what nobody reads need not come through SSH, for each flow of a mesh. */
const patient = ["-q", "-c3", "-i0.3", "-W2", "-w8"] as const;

/** Whether all were answered. Throws `Unreadable`. */
export function readPing(reading: Reading): boolean {
  // 0: all replies, 1: some missing (iputils ping(8)); 2: ping could not try, which only without a route is an answer.
  const tried = reading.exit === 2 ? /unreachable/i.test(reading.stderr) : [0, 1].includes(reading.exit);
  if (!tried) throw new Unreadable("unparsable", "ping's exit code");
  return reading.exit === 0;
}
