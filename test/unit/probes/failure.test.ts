import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { type Reason, Unreadable } from "../../../src/check/unreadable.ts";
import { explain, explainHandshake, orAborted } from "../../../src/probes/transports/failure.ts";

const failure = (parts: Readonly<Record<string, unknown>>) => Object.assign(new Error("broke"), parts);

describe("what a failed connection means", () => {
  it.each<[string, unknown, Reason]>([
    ["a refusal", failure({ code: "ECONNREFUSED" }), "refused"],
    ["a silence", failure({ code: "ETIMEDOUT" }), "timeout"],
    ["a key that is not taken", failure({ level: "client-authentication" }), "key-refused"],
    ["a silence of SSH", failure({ level: "client-timeout" }), "timeout"],
    ["a handshake that is none", failure({ level: "handshake" }), "unparsable"],
    ["a breach of protocol", failure({ level: "protocol" }), "unparsable"],
    ["a socket's code before SSH's level", failure({ code: "ECONNREFUSED", level: "protocol" }), "refused"],
    ["a reset", failure({ code: "ECONNRESET", level: "client-socket" }), "unreachable"],
    ["a code that is a number", failure({ code: 2 }), "unreachable"],
    ["a code that every table has", failure({ code: "constructor" }), "unreachable"],
    ["a word", "ECONNREFUSED", "unreachable"],
    ["nothing", undefined, "unreachable"],
    ["null", null, "unreachable"],
  ])("%s", (_name, error, reason) => {
    expect(explain(error, "opening")).toMatchObject({ name: "Unreadable", reason, cause: error });
  });

  it("is kept in words for the debug log", () => {
    expect(explain(failure({}), "opening").message).toMatch(/: opening: broke$/);
    expect(explain("gone", "opening").message).toMatch(/: opening: gone$/);
  });

  it("stays what it was where somebody has said it already", () => {
    const error = new Unreadable("no-record", "leaf1");
    expect(explain(error, "opening")).toBe(error);
  });
});

describe("what a failed handshake means", () => {
  it.each<[string, Error, Reason]>([
    [
      "a hang-up, though it comes as a breach of protocol",
      lost("Connection lost before handshake"),
      "unreachable",
    ],
    ["a breach of protocol that mentions one", lost("No: Connection lost"), "unparsable"],
    ["what the parser throws, which comes bare", new Error("Bad packet length"), "unparsable"],
    ["a disconnect message, which has a code", failure({ code: 11 }), "unreachable"],
    ["an error with a level", failure({ level: "client-authentication" }), "key-refused"],
  ])("%s", (_name, error, reason) => {
    const unreadable = explainHandshake(error);
    expect(unreadable).toMatchObject({ reason, cause: error });
    expect(unreadable.message).toMatch(/: SSH handshake(: broke)?/);
  });

  function lost(message: string): Error {
    return Object.assign(new Error(message), { level: "protocol" });
  }
});

describe("waiting that can be aborted", () => {
  const never = new Promise<never>(() => undefined);

  it("gives what came, and leaves no listener behind", async () => {
    const { signal } = new AbortController();
    expect(await orAborted(Promise.resolve(1), signal, "asking")).toBe(1);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it.each<[string, unknown, Reason]>([
    ["a deadline's end", new DOMException("late", "TimeoutError"), "timeout"],
    ["a cancelled run", new DOMException("stop", "AbortError"), "cancelled"],
    ["a reason that is no error", { name: "TimeoutError" }, "cancelled"],
  ])("ends by %s, then and at once where it is there already", async (_name, cause, reason) => {
    const ended = { reason, cause, message: expect.stringMatching(/: asking$/) };
    await expect(orAborted(never, AbortSignal.abort(cause), "asking")).rejects.toMatchObject(ended);
    const controller = new AbortController();
    const waiting = orAborted(never, controller.signal, "asking");
    controller.abort(cause);
    await expect(waiting).rejects.toMatchObject(ended);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });
});
