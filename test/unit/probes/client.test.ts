import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import ssh2 from "ssh2";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Secret } from "../../../src/environment/secret.ts";
import { algorithms } from "../../../src/probes/transports/algorithms.ts";
import { login } from "../../../src/probes/transports/client.ts";
import { connect } from "../../../src/probes/transports/tcp.ts";
import { generateHostKey } from "../../../src/world/hostkey.ts";

let server: Server;
let port = 0;
beforeAll(async () => {
  const ssh = new ssh2.Server({ algorithms, hostKeys: [generateHostKey().privateKey] }, (connection) =>
    connection.on("error", () => undefined),
  );
  server = createServer((socket) => ssh.injectSocket(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
});
afterAll(() => void server.close());

it.each([true, false])(
  "lets a verdict on a host key that comes after the connection is gone (%s) do no harm",
  async (accepted) => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => void unhandled.push(error);
    process.on("unhandledRejection", note);
    const abort = new AbortController();
    const wire = await connect("127.0.0.1", port, AbortSignal.timeout(10_000));
    const decided = Promise.withResolvers<void>();
    const verify = async () => {
      abort.abort();
      await wire.hangUp();
      decided.resolve();
      return accepted;
    };
    const privateKey = new Secret(generateHostKey().privateKey);
    await expect(login(wire, { user: "lab", privateKey, verify }, abort.signal)).rejects.toThrow();
    await decided.promise;
    // Rejections that nobody handles are told after the microtasks that follow.
    await pause(0);
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  },
);
