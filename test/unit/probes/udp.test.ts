// What the one-liner does in a real shell, over real sockets.
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { datagram, readDatagram } from "../../../src/probes/readers/udp.ts";

let socket: Socket;
beforeEach(async () => {
  socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
});
afterEach(() => void socket.close());

/** Answers as the responder in guests does, but loses so many datagrams before. */
function answerAfter(losing: number): void {
  let heard = 0;
  socket.on("message", (text, { address, port }) => {
    heard += 1;
    if (heard > losing) socket.send(`${text} ${address}\n`, port, address);
  });
}

async function sent(to = socket.address().port) {
  const asked = datagram("udp", { address: "127.0.0.1", port: to });
  const [program, ...argv] = asked.probe.argv;
  const { exitCode = -1, stdout, stderr } = await execa(program, argv, { reject: false });
  return readDatagram(asked, { exit: exitCode, stdout, stderr, truncated: false });
}

describe("a datagram", () => {
  it("is answered with the address that it came from", async () => {
    answerAfter(0);
    expect(await sent()).toEqual({ port: "open", seen: "127.0.0.1" });
  });

  it("that is lost on the way is sent again", async () => {
    answerAfter(2);
    expect(await sent()).toEqual({ port: "open", seen: "127.0.0.1" });
  });

  it("that nobody answers is silence", async () => {
    expect(await sent()).toEqual({ port: "silent" });
  });

  it("to a port that nobody listens on is refused", async () => {
    const { port } = socket.address();
    socket.close();
    expect(await sent(port)).toEqual({ port: "closed" });
    socket = createSocket("udp4");
  });
});
