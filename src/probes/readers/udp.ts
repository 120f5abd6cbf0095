// Datagrams from inside an endpoint: proven by the answer of the responder in the other guest, not by silence.
import { randomBytes } from "node:crypto";
import { Unreadable } from "../../check/unreadable.ts";
import type { Probe, Reading } from "../transport.ts";

/** A probe and what its answer must begin with. */
export type Datagram = { readonly probe: Probe; readonly nonce: string };

/** Sends one datagram and reads one line, by the one means that every cloud image has: bash(1), REDIRECTION. */
export function datagram(id: string, { address, port }: { address: string; port: number }): Datagram {
  const nonce = randomBytes(8).toString("hex");
  const script = `exec 3<>/dev/udp/${address}/${port}; printf %s ${nonce} >&3; head -n1 <&3`;
  return { nonce, probe: { id, argv: ["bash", "-c", script], timeout: 4 } };
}

/** `seen`: the address that the other guest saw it come from. `closed`: its host said so; `silent`: nothing came. */
export type Echo = { readonly port: "open"; readonly seen: string } | { readonly port: "closed" | "silent" };

/** Throws `Unreadable`. */
export function readDatagram({ nonce }: Datagram, { exit, stdout, stderr }: Reading): Echo {
  if (exit === 124) return { port: "silent" };
  const [text, seen, ...rest] = stdout.trim().split(" ");
  if (text === nonce && seen !== undefined && rest.length === 0) return { port: "open", seen };
  if (stdout === "" && stderr.includes("Connection refused")) return { port: "closed" };
  throw new Unreadable("unparsable", "the answer to a datagram");
}
