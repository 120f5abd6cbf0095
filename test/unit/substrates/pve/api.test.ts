import { getEventListeners } from "node:events";
import { afterEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { Unreadable } from "../../../../src/check/unreadable.ts";
import { newAuthority } from "../../../../src/substrates/farend/authority.ts";
import { openApi } from "../../../../src/substrates/pve/api.ts";
import { closedPort } from "../../../fixtures/servers.ts";
import { type Answer, serveApi } from "../../../support/api.ts";

type Config = Awaited<ReturnType<typeof serveApi>>["config"];
const text = z.string();

/** Asks a server that answers so; gives what it said or why it could not be read. */
async function read(answer: Answer, config: Partial<Config> = {}, signal = new AbortController().signal) {
  await using server = await serveApi(answer);
  await using api = openApi({ ...server.config, ...config });
  return await api.get("/version", text, signal).catch((error: Unreadable) => error.reason);
}

const saying =
  (body: string, status = 200, reason = "OK"): Answer =>
  (_request, response) =>
    response.writeHead(status, reason).end(body);

const good = saying('{"data":"8.2"}');

afterEach(() => void vi.unstubAllEnvs());

describe("an answer", () => {
  it("is the parsed data, asked for with the token below the API's root", async () => {
    const seen: (string | undefined)[] = [];
    const answer: Answer = (request, response) => {
      seen.push(request.method, request.url, request.headers.authorization);
      response.end('{"data":"8.2"}');
    };
    expect(await read(answer)).toBe("8.2");
    expect(seen).toEqual(["GET", "/api2/json/version", "PVEAPIToken=certifier@pve!lab=0123"]);
  });

  it.each([
    [401, "unauthorized"],
    [403, "forbidden"],
    [429, "throttled"],
    [500, "server-error"],
    [503, "server-error"],
    [595, "unreachable"],
    [599, "unreachable"],
    [301, "unparsable"],
    [400, "unparsable"],
    [404, "unparsable"],
    [501, "server-error"],
  ])("with status %i could not be read: %s", async (status, reason) => {
    expect(await read(saying('{"data":null}', status, "no"))).toBe(reason);
  });

  it.each([
    ["no JSON", "<html>"],
    ["empty", ""],
    ["no object", "[]"],
    ["data of another shape", '{"data":{"release":"8.2"}}'],
    ["without data", '{"message":"8.2"}'],
  ])("that is %s is unparsable", async (_what, body) => {
    expect(await read(saying(body))).toBe("unparsable");
  });

  it("that ends before its length is truncated", async () => {
    const cut: Answer = (_request, response) => {
      response.writeHead(200, { "Content-Length": 100 });
      response.write('{"data":"8', () => response.destroy());
    };
    expect(await read(cut)).toBe("truncated");
  });

  it("without end is given up", async () => {
    const endless: Answer = (_request, response) => {
      const chunk = Buffer.alloc(1024 * 1024, " ");
      const pour = () => void (response.destroyed || response.write(chunk, pour));
      pour();
    };
    expect(await read(endless)).toBe("unparsable");
  });
});

describe("a far end", () => {
  it("with a certificate of another authority is untrusted, and sees no token", async () => {
    let asked = false;
    const noting: Answer = (_request, response) => {
      asked = true;
      response.end('{"data":"8.2"}');
    };
    const ca = (await newAuthority("authority of a test")).certificate;
    expect(await read(noting, { ca })).toBe("untrusted");
    expect(asked).toBe(false);
  });

  it("with another certificate of the right authority is untrusted, and sees no token", async () => {
    let asked = false;
    const noting: Answer = (_request, response) => {
      asked = true;
      response.end('{"data":"8.2"}');
    };
    expect(await read(noting, { fingerprint: "AA:BB" })).toBe("untrusted");
    expect(asked).toBe(false);
  });

  it("is not trusted the more because the environment says not to look", async () => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    const ca = (await newAuthority("authority of a test")).certificate;
    expect(await read(good, { ca })).toBe("untrusted");
  });

  it("that does not listen has refused", async () => {
    expect(await read(good, { endpoint: `https://127.0.0.1:${await closedPort()}/` })).toBe("refused");
  });

  it("that hangs up before it answers is unreachable", async () => {
    expect(await read((request) => request.socket.destroy())).toBe("unreachable");
  });

  it("that says nothing is waited for until the signal, which keeps no listener", async () => {
    const controller = new AbortController();
    expect(await read(() => controller.abort(), {}, controller.signal)).toBe("timeout");
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  it("is not asked at all by one who was cancelled already", async () => {
    let asked = false;
    const noting: Answer = () => {
      asked = true;
    };
    expect(await read(noting, {}, AbortSignal.abort())).toBe("timeout");
    expect(asked).toBe(false);
  });

  it("that closes a connection it was keeping is asked again on a new one", async () => {
    const first = new WeakSet<object>();
    await using server = await serveApi((request, response) => {
      if (first.has(request.socket)) return void request.socket.destroy();
      first.add(request.socket);
      response.end('{"data":"8.2"}');
    });
    await using api = openApi(server.config);
    const ask = () => api.get("/version", text, new AbortController().signal);
    expect([await ask(), await ask(), await ask()]).toEqual(["8.2", "8.2", "8.2"]);
  });
});

it("No reason and no message of an unreadable answer holds the token", async () => {
  await using server = await serveApi(saying("{}", 500, "no"));
  await using api = openApi(server.config);
  const error = await api
    .get("/version", text, new AbortController().signal)
    .catch((thrown: Error) => thrown);
  expect(String(error)).not.toContain("0123");
});
