// TCP connections from inside an endpoint.
import { Unreadable } from "../../check/unreadable.ts";
import type { Probe, Reading } from "../transport.ts";

/** Opens a connection and closes it, by the one means that every cloud image has: bash(1), REDIRECTION. */
export function tcpProbe(id: string, { address, port }: { address: string; port: number }): Probe {
  return { id, argv: ["bash", "-c", `</dev/tcp/${address}/${port}`], timeout: 4 };
}

/** What came back. */
export type Port = "open" | "closed" | "silent";

/** `closed`: the far end said so; `silent`: nothing came, as from behind a filter. Throws `Unreadable`. */
export function readTcp({ exit, stderr }: Reading): Port {
  if (exit === 0) return "open";
  if (exit === 124) return "silent";
  if (exit === 1 && stderr.includes("Connection refused")) return "closed";
  throw new Unreadable("unreachable", "no TCP connection could be tried");
}

/**
 * Whether a filter that rejects told the sender so (ICMP, host prohibited). The words are those for a neighbour that does
 * not answer: this tells something only where neighbours can not be missing, as in clouds.
 */
export function isRejected({ exit, stderr }: Reading): boolean {
  return exit === 1 && stderr.includes("No route to host");
}
