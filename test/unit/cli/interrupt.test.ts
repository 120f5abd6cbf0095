import { execa } from "execa";
import { describe, expect, it } from "vitest";

const module = new URL("../../../src/cli/interrupt.ts", import.meta.url).href;

/** What a command comes to that does this while it can be interrupted, and that afterwards. */
async function command(during: string, afterwards: string) {
  const script = `
    import { spawn } from "node:child_process";
    import { setTimeout as pause } from "node:timers/promises";
    import { interruptible } from "${module}";
    const interrupt = () => process.kill(process.pid, "SIGINT");
    {
      using interruption = interruptible({ deadline: 60_000, cost: "all of it", tell: console.log });
      interruption.signal.addEventListener("abort", () => console.log(String(interruption.signal.reason)));
      ${during}
    }
    process.exitCode = 7;
    ${afterwards}
    await pause(50);`;
  const argv = ["--input-type=module", "--eval", script];
  const { exitCode, all } = await execa(process.execPath, argv, { reject: false, all: true });
  return { exitCode, said: all.split("\n").filter((line) => line !== "") };
}

const told = "interrupted: ending what has begun; interrupt again to leave at once";

describe("a command that is interrupted", () => {
  it("once is told so, and ends by itself", async () => {
    const ended = await command("interrupt(); await pause(50);", "");
    expect(ended).toEqual({ exitCode: 7, said: [told, "Interrupted: interrupted"] });
  });

  it("twice leaves at once, and says what that costs", async () => {
    const ended = await command("interrupt(); await pause(50); interrupt(); await pause(5_000);", "");
    expect(ended).toEqual({
      exitCode: 130,
      said: [told, "Interrupted: interrupted", "left at once: all of it"],
    });
  });

  it("when all is done already ends with what it came to", async () => {
    expect(await command("", "interrupt();")).toMatchObject({ exitCode: 7 });
    expect(await command("interrupt(); await pause(50);", "interrupt();")).toMatchObject({ exitCode: 7 });
  });

  it("while its process clears up ends with what it came to", async () => {
    const flood = `"kill -INT " + process.pid + " && echo sent; for i in 1 2 3 4 5 6 7 8 9; do kill -INT " + process.pid + "; done"`;
    const sending = `spawn("sh", ["-c", ${flood}], { stdio: ["ignore", "inherit", "ignore"] })`;
    const ended = await command("", `process.once("exit", () => ${sending});`);
    expect(ended).toEqual({ exitCode: 7, said: ["sent"] });
  });
});
