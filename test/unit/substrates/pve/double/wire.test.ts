import { X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FarEnd, startFarEnd } from "./farend.ts";

let far: FarEnd;
beforeEach(async () => {
  far = await startFarEnd();
});
afterEach(() => far[Symbol.asyncDispose]());

/** The fingerprint of the certificate that a client was shown and has accepted, or the code of its refusal. */
function handshake(options: { readonly ca?: string; readonly servername?: string }): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port: far.port, minVersion: "TLSv1.3", ...options });
    socket.on("secureConnect", () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on("error", (error) => resolve("code" in error ? String(error.code) : error.message));
  });
}

test("the certificate leads to the lab's authority, for loopback by address and by name, and to no other", async () => {
  const node = far.cluster.nodes.get("pve1");
  const { fingerprint256 } = new X509Certificate(node?.certificate ?? "");
  expect(await handshake({ ca: far.ca })).toBe(fingerprint256);
  expect(await handshake({ ca: far.ca, servername: "localhost" })).toBe(fingerprint256);
  expect(await handshake({ ca: far.ca, servername: "example.test" })).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
  expect(await handshake({})).toBe("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
});

test("the API tells the fingerprint that it shows", async () => {
  const shown = await handshake({ ca: far.ca });
  expect((await far.send("GET", "/nodes")).data).toContainEqual(
    expect.objectContaining({ node: "pve1", ssl_fingerprint: shown }),
  );
  expect((await far.send("GET", "/nodes/pve1/certificates/info")).data).toEqual([
    expect.objectContaining({ filename: "pve-ssl.pem", fingerprint: shown }),
  ]);
});

test("when it is down, established connections break and new ones come to nothing", async () => {
  expect((await far.send("GET", "/version")).status).toBe(200);
  far.world.breakDown("pve/down");
  await expect(far.send("GET", "/version")).rejects.toThrow();
  await expect(far.send("GET", "/version")).rejects.toThrow();
  far.world.heal();
  expect((await far.send("GET", "/version")).status).toBe(200);
});
