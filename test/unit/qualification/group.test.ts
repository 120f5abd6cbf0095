import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Argv, startGroup } from "../../../src/qualification/group.ts";
import { processesWith } from "../../e2e/processes.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "group-"));
});
afterAll(() => rm(folder, { recursive: true }));

const mark = () => `GROUP_TEST=${process.pid}`;
const env = { GROUP_TEST: String(process.pid) };
const left = () => processesWith(mark(), [process.pid]);
const script = (text: string): Argv => [process.execPath, "-e", text];

function start(argv: Argv, signal: AbortSignal = new AbortController().signal) {
  const log = join(folder, `${Math.random()}.log`);
  return { log, ...startGroup(argv, { env, log, signal }) };
}

/** Says so when it is there to be signalled. */
const stubborn = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("here");';

/** Resolves when the log holds a text. */
async function logged(log: string, text: string): Promise<void> {
  await expect.poll(() => readFile(log, "utf8"), { timeout: 30_000 }).toContain(text);
}

it.each([
  ["its own exit code", script("process.exit(7)"), 7],
  ["that of a shell for a signal", script('process.kill(process.pid, "SIGTERM")'), 143],
  ["127 for what is not there", ["/nowhere/command"] as const, 127],
  ["127 for what can not be there", [`${process.execPath}/command`] as const, 127],
])("ends with %s", async (_, argv, exit) => {
  expect(await start(argv).ended).toBe(exit);
});

it("takes words as they are, passes variables on, and logs both streams for its owner alone", async () => {
  const text = 'console.log(process.argv[1], process.env.GROUP_TEST); console.error("$HOME")';
  const { ended, log } = start([...script(text), "two words; $(false)"]);
  expect(await ended).toBe(0);
  expect(await readFile(log, "utf8")).toContain(`two words; $(false) ${process.pid}\n`);
  expect(await readFile(log, "utf8")).toContain("$HOME\n");
  expect((await stat(log)).mode & 0o777).toBe(0o600);
});

it("ends on a signal by TERM, and what does not listen by KILL; nothing is left", async () => {
  const child = `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(stubborn)}], { stdio: "inherit" });`;
  const over = new AbortController();
  const { ended, log } = start(script(`${child} setInterval(() => {}, 1000)`), over.signal);
  await logged(log, "here");
  over.abort();
  expect(await ended).toBe(143);
  expect(await left()).toEqual([]);
});

it("that is late ends with 124, as timeout(1) has it", async () => {
  expect(await start(script("setInterval(() => {}, 1000)"), AbortSignal.timeout(50)).ended).toBe(124);
  expect(await left()).toEqual([]);
});

it("leaves nothing behind that outlives its leader", async () => {
  const child = `require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" }).unref();`;
  expect(await start(script(`${child} process.exit(0)`)).ended).toBe(0);
  expect(await left()).toEqual([]);
});
