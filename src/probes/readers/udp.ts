// Datagrams from inside an endpoint: proven by the answer of the responder in the other guest, not by silence.
import { randomBytes } from "node:crypto";
import { Unreadable } from "../../check/unreadable.ts";
import type { Probe, Reading } from "../transport.ts";

/** A probe and what its answer must begin with. */
export type Datagram = { readonly probe: Probe; readonly nonce: string };

/**
 * Sends a datagram, up to three times as any may be lost, and reads one line, by the one means that every cloud image has:
 * bash(1), REDIRECTION. By head(1), since bash's own `read` takes a byte at a time, and a datagram is gone with the first.
 */
export function datagram(id: string, { address, port }: { address: string; port: number }): Datagram {
  const nonce = randomBytes(8).toString("hex");
  // BusyBox's timeout(1) ends with 143.
  const once = `printf %s ${nonce} >&3; timeout 1 head -n1 <&3; e=$?; case $e in 124|143) ;; *) exit $e;; esac`;
  const script = `exec 3<>/dev/udp/${address}/${port}; for i in 1 2 3; do ${once}; done; exit 124`;
  return { nonce, probe: { id, argv: ["bash", "-c", script], timeout: 4 } };
}

/** `seen`: the address that the other guest saw it come from. `closed`: its host, or a filter that rejects, said so; `silent`: nothing came. */
export type Echo = { readonly port: "open"; readonly seen: string } | { readonly port: "closed" | "silent" };

/** Throws `Unreadable`. */
export function readDatagram({ nonce }: Datagram, { exit, stdout, stderr }: Reading): Echo {
  if (exit === 124) return { port: "silent" };
  const [text, seen, ...rest] = stdout.trim().split(" ");
  if (text === nonce && seen !== undefined && rest.length === 0) return { port: "open", seen };
  if (stdout === "" && /Connection refused|No route to host/.test(stderr)) return { port: "closed" };
  throw new Unreadable("unparsable", "the answer to a datagram");
}
