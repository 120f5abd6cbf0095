import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { EngineFailure, operate } from "../../../src/engine/operation.ts";

const patient = new AbortController().signal;

/** An operation with an engine that is not there: the host comes up, says why it can not work, and ends. */
function operateNothing(signal: AbortSignal) {
  const said: string[] = [];
  const parts = { stack: "lab-none", engine: "/nowhere/bin/pulumi", project: "/nowhere", signal };
  return operate({ operation: "preview", ...parts, debug: (line) => said.push(line) });
}

it("An operation whose engine can not run ends as unreadable, and so does what it was asked, then and later", {
  timeout: 60_000,
}, async () => {
  const controller = new AbortController();
  const operation = operateNothing(controller.signal);
  const early = operation.invoke("a:b:c", {}, patient).catch((error: unknown) => error);
  await expect(operation.ended).rejects.toThrow(EngineFailure);
  await expect(operation.ended).rejects.toMatchObject({ reason: "engine" });
  expect(await early).toMatchObject({ reason: "engine" });
  await expect(operation.invoke("a:b:c", {}, patient)).rejects.toMatchObject({ reason: "engine" });
  expect(getEventListeners(patient, "abort")).toEqual([]);
  operation.release();
});

it("An operation that is aborted from the start ends, and what it is asked ends with the asker's own reason", {
  timeout: 60_000,
}, async () => {
  const operation = operateNothing(AbortSignal.abort());
  const gone = new Error("no longer wanted");
  await expect(operation.invoke("a:b:c", {}, AbortSignal.abort(gone))).rejects.toBe(gone);
  await expect(operation.ended).rejects.toThrow(EngineFailure);
});
