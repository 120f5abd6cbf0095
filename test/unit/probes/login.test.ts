import { afterEach, beforeEach, expect, it } from "vitest";
import { Unreadable } from "../../../src/check/unreadable.ts";
import { name } from "../../../src/environment/name.ts";
import { Secret } from "../../../src/environment/secret.ts";
import { openSession } from "../../../src/probes/transports/ssh.ts";
import { generateHostKey } from "../../../src/world/hostkey.ts";
import { listenSsh, type Running, relay } from "../../fixtures/servers.ts";

let server: Running;
let way: Running;
beforeEach(async () => {
  const [hostKey, { publicKey }] = [generateHostKey(), generateHostKey()];
  server = await listenSsh({ hostKey: hostKey.privateKey, authorizedKey: publicKey, exec: () => undefined });
  way = await relay(server.port);
});
afterEach(async () => {
  await way[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

// An exception past the handshake's end is nobody's to catch: it would end the process, and with it this run.
it.each([
  ["refused", () => Promise.resolve(false)],
  ["accepted", () => Promise.resolve(true)],
  ["not judged at all", () => Promise.reject(new Unreadable("no-expectation", "the agent does not tell"))],
])(
  "A far end that hangs up while its host key is judged is unreachable, and nothing comes of a key that is then %s",
  async (_how, verdict) => {
    const judged = Promise.withResolvers<void>();
    const session = openSession(
      { name: name.parse("leaf1"), role: name.parse("leaf"), host: "127.0.0.1", port: way.port, user: "lab" },
      {
        privateKey: new Secret(generateHostKey().privateKey),
        connectTimeout: 10_000,
        signal: new AbortController().signal,
        verify: async () => {
          await way[Symbol.asyncDispose]();
          await session.catch(() => undefined);
          setImmediate(judged.resolve);
          return verdict();
        },
      },
    );
    await expect(session).rejects.toMatchObject({ reason: "unreachable" });
    await judged.promise;
  },
);
