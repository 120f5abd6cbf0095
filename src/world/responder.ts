// The program in guests that answers the proofs of what arrives: its text for real ones, and what it opens in the lab's.
import type { GuestSystem } from "./machine.ts";

/**
 * Python 3, which every image with cloud-init has. Arguments: `udp:<port>` or `tcp:<port>`. It sends each datagram back
 * as a line with the address that it came from, and takes TCP connections.
 */
export const responderText = `import selectors
import socket
import sys

waiting = selectors.DefaultSelector()
for word in sys.argv[1:]:
    protocol, port = word.split(":")
    kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
    listener = socket.socket(socket.AF_INET, kind)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("", int(port)))
    if protocol == "tcp":
        listener.listen()
    waiting.register(listener, selectors.EVENT_READ, protocol)
while True:
    for key, _ in waiting.select():
        if key.data == "udp":
            text, sender = key.fileobj.recvfrom(64)
            key.fileobj.sendto(text + b" " + sender[0].encode() + b"\\n", sender)
        else:
            connection, _ = key.fileobj.accept()
            connection.close()
`;

/** What it answers to a datagram. */
export function echoOf(text: string, source: string): string {
  return `${text.slice(0, 64)} ${source}\n`;
}

/** The sockets that it opens with these arguments; none where it would not start. */
export function socketsOf(words: readonly string[]): GuestSystem["listening"] | undefined {
  const sockets = words.flatMap((word) => {
    const [, protocol, port] = /^(udp|tcp):(\d+)$/.exec(word) ?? [];
    return protocol === "udp" || protocol === "tcp" ? [{ protocol, port: Number(port) } as const] : [];
  });
  return sockets.length === words.length ? sockets : undefined;
}
