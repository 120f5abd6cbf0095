import type { IncomingMessage, ServerResponse } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { Unreadable } from "../../../../src/check/unreadable.ts";
import { Arm } from "../../../../src/substrates/azure/arm.ts";
import { type Authority, newAuthority } from "../../../../src/substrates/farend/authority.ts";
import { type FarEnd, listen } from "../../../../src/substrates/farend/listen.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const patience = 20_000;
const signal = () => AbortSignal.timeout(patience);
const question = { path: "/things", version: "2021-04-01", model: z.object({ id: z.string() }) };

let authority: Authority;
let server: FarEnd;
let other: FarEnd;
let answers: Answer[] = [];
let asked: string[] = [];
let elsewhere = 0;

beforeAll(async () => {
  authority = await newAuthority("authority of a test");
  const certificate = await authority.issue("management.example.test");
  const answer: Answer = (request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    const [next] = answers.length > 1 ? answers.splice(0, 1) : answers;
    next?.(request, response);
  };
  server = await listen(certificate, { isDown: () => false, answer });
  other = await listen(certificate, {
    isDown: () => false,
    answer: (_, response) => {
      elsewhere += 1;
      response.end();
    },
  });
});
beforeEach(() => {
  answers = [];
  asked = [];
  elsewhere = 0;
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

const origin = ({ port }: FarEnd = server) => `https://127.0.0.1:${port}`;
const arm = (ca: string | undefined = authority.certificate) =>
  new Arm({ endpoint: origin(), ca, token: async () => "secret" });

/** An answer with this status and body, and perhaps headers. */
const says =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_, response) => {
    response.writeHead(status, { "Content-Type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };

/** The reason for which something could not be read. */
async function reasonOf(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => new Error("it could be read"),
    (caught: unknown) => caught,
  );
  if (!(error instanceof Unreadable)) throw error;
  return error.reason;
}

describe("one thing", () => {
  it("is asked for with the token, the version and the query", async () => {
    answers = [says(200, { id: "a" })];
    const query = { $filter: "tagName eq 'k'" };
    expect(await arm().find({ ...question, query }, signal())).toEqual({ id: "a" });
    expect(asked).toEqual(["GET /things?%24filter=tagName+eq+%27k%27&api-version=2021-04-01 Bearer secret"]);
  });

  it("is absent when that was said twice", async () => {
    answers = [says(404, { error: { code: "ResourceNotFound" } })];
    expect(await arm().find(question, signal())).toBeUndefined();
    expect(asked).toHaveLength(2);
  });

  it("is not absent where it may only not be seen", async () => {
    answers = [says(404, { error: { code: "SubscriptionNotFound" } })];
    expect(await reasonOf(arm().find(question, signal()))).toBe("forbidden");
  });

  it.each([
    [401, "unauthorized"],
    [403, "forbidden"],
    [418, "unparsable"],
    [500, "server-error"],
    [429, "throttled"],
  ])("answered with %i is %s", async (status, reason) => {
    answers = [says(status, {})];
    expect(await reasonOf(arm().find(question, signal()))).toBe(reason);
  });

  it.each(["<html>", "", '{"id":7}', '{"name":"a"}'])("that is %j is not taken for one", async (body) => {
    answers = [says(200, body)];
    expect(await reasonOf(arm().find(question, signal()))).toBe("unparsable");
  });

  it("is asked for again as soon as the far end allows", async () => {
    answers = [says(429, {}, { "Retry-After": "0" }), says(200, { id: "a" })];
    expect(await arm().find(question, signal())).toEqual({ id: "a" });
  });

  it("is given up with its deadline", async () => {
    answers = [() => undefined];
    expect(await reasonOf(arm().find(question, AbortSignal.timeout(50)))).toBe("timeout");
  });
});

describe("a list", () => {
  const page = (value: readonly unknown[], nextLink?: string) => says(200, { value, nextLink });

  it("is read to its last page", async () => {
    answers = [page([{ id: "a" }], `${origin()}/things?page=2`), page([]), page([{ id: "never" }])];
    expect(await arm().list(question, signal())).toEqual([{ id: "a" }]);
    answers = [page([{ id: "a" }], `${origin()}/things?page=2`), page([{ id: "b" }])];
    expect(await arm().list(question, signal())).toEqual([{ id: "a" }, { id: "b" }]);
    expect(asked.at(-1)).toBe("GET /things?page=2 Bearer secret");
  });

  it("is none where a page is lost", async () => {
    answers = [page([{ id: "a" }], `${origin()}/things?page=2`), says(403, {})];
    expect(await reasonOf(arm().list(question, signal()))).toBe("forbidden");
  });

  it("takes the token nowhere else", async () => {
    answers = [page([{ id: "a" }], `${origin(other)}/things?page=2`)];
    expect(await reasonOf(arm().list(question, signal()))).toBe("unparsable");
    answers = [says(302, {}, { Location: `${origin(other)}/things` })];
    expect(await reasonOf(arm().list(question, signal()))).toBe("unparsable");
    expect(elsewhere).toBe(0);
  });
});

describe("what is worked out", () => {
  it("is fetched from where it will be, when it is there", async () => {
    const place = { Location: `${origin()}/results/1`, "Retry-After": "0" };
    answers = [says(202, "", place), says(202, "", place), says(200, { id: "a" })];
    expect(await arm().compute(question, signal())).toEqual({ id: "a" });
    expect(asked.map((line) => line.split(" ")[0])).toEqual(["POST", "GET", "GET"]);
  });

  it("may be there at once, and may be refused", async () => {
    answers = [says(200, { id: "a" })];
    expect(await arm().compute(question, signal())).toEqual({ id: "a" });
    answers = [says(202, "")];
    expect(await reasonOf(arm().compute(question, signal()))).toBe("unparsable");
    answers = [says(202, "", { Location: `${origin(other)}/results/1` })];
    expect(await reasonOf(arm().compute(question, signal()))).toBe("unparsable");
    expect(elsewhere).toBe(0);
  });
});

describe("the connection", () => {
  it("is trusted only where the configured authority vouches for it", async () => {
    const { certificate } = await newAuthority("another authority");
    expect(await reasonOf(arm(certificate).find(question, signal()))).toBe("untrusted");
    expect(asked).toEqual([]);
  });

  it("asks for a token once, and again where it was not given", async () => {
    let tokens = 0;
    const token = async () => {
      tokens += 1;
      if (tokens === 1) throw new Unreadable("engine", "not yet");
      return "secret";
    };
    const api = new Arm({ endpoint: origin(), ca: authority.certificate, token });
    answers = [says(200, { id: "a" })];
    expect(await reasonOf(api.find(question, signal()))).toBe("engine");
    await api.find(question, signal());
    await api.find(question, signal());
    expect(tokens).toBe(2);
  });
});
