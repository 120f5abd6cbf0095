import { X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import type { Reason } from "../../../../../src/check/unreadable.ts";
import { Secret } from "../../../../../src/environment/secret.ts";
import { type Api, openApi } from "../../../../../src/substrates/pve/api.ts";
import { outsider } from "../../../../../src/substrates/pve/double/handler.ts";
import { certifier, type FarEnd, startFarEnd } from "./farend.ts";

let far: FarEnd;
let api: Api;
const vm = "/nodes/pve1/qemu/9101";

beforeAll(async () => {
  far = await startFarEnd();
  await far.change("POST", "/nodes/pve1/qemu", { vmid: "9101", name: "client1" });
  const endpoint = `https://127.0.0.1:${far.port}/`;
  const fingerprint = await fingerprintOf(far.port);
  const token = new Secret(`${certifier}=${far.cluster.tokens.get(certifier)?.secret}`);
  api = openApi({ endpoint, token, ca: far.ca, fingerprint });
});
afterEach(() => far.world.heal());
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await far[Symbol.asyncDispose]();
});

const read = (path: string, signal = AbortSignal.timeout(20_000)) => api.get(path, z.unknown(), signal);

it.each<[string, string, Reason]>([
  ["pve/failing", "/version", "server-error"],
  ["pve/garbage", "/version", "unparsable"],
  ["pve/truncated", "/version", "truncated"],
  ["pve/unauthorized", "/version", "unauthorized"],
  ["pve/powerless", `${vm}/config`, "forbidden"],
  ["pve/client1/unreadable", `${vm}/config`, "server-error"],
])("while %s is broken, %s is not seen: %s", async (fault, path, reason) => {
  await expect(read(path)).resolves.toBeDefined();
  far.world.breakDown(fault);
  await expect(read(path)).rejects.toMatchObject({ reason });
});

it.each([
  ["pve/slow", "/version"],
  ["pve/client1/agenthung", `${vm}/agent/info`],
])("while %s is broken, %s has no answer, and whoever waits may stop", async (fault, path) => {
  far.world.breakDown(fault);
  await expect(read(path, AbortSignal.timeout(200))).rejects.toMatchObject({ reason: "timeout" });
});

it("one VM's faults are nobody else's, and the outsider keeps its rights", async () => {
  for (const fault of ["pve/client1/unreadable", "pve/client1/agenthung", "pve/powerless"])
    far.world.breakDown(fault);
  await expect(far.send("GET", "/nodes/pve1/storage", { as: outsider })).resolves.toMatchObject({
    status: 200,
  });
});

async function fingerprintOf(port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false }, () => {
    const raw = socket.getPeerX509Certificate();
    if (raw instanceof X509Certificate) resolve(raw.fingerprint256);
    socket.destroy();
  });
  socket.on("error", reject);
  return promise;
}
