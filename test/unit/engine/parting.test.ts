import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const program = fileURLToPath(new URL("../../fixtures/programs/say-much.ts", import.meta.url));

/** Blocks this thread, as a busy machine does: all that happens meanwhile is found at once. */
function sleepDeeply(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

it("A forked process is heard to its last word, however slowly it is listened to", async () => {
  const child = fork(program, { stdio: ["ignore", "inherit", "inherit", "ipc"], execArgv: [] });
  const heard: number[] = [];
  child.on("message", (said: { index: number }) => {
    heard.push(said.index);
    if (heard.length % 50 === 0) sleepDeeply(20);
  });
  await once(child, "exit");
  expect(heard).toHaveLength(2_001);
});
