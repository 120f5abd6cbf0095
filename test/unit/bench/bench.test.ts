import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, it } from "vitest";

const bench = fileURLToPath(new URL("../../../bench/bench.ts", import.meta.url));

it("The bench measures the smallest mesh and prints its table", { timeout: 60_000 }, async () => {
  const args = ["--turns", "0", "--runs", "1", "--sizes", "2,4", "--probes", "2"];
  const { stdout } = await execa(process.execPath, [bench, ...args]);
  expect(stdout.split("\n")).toEqual([
    expect.stringMatching(/^mesh of 2, 2 flows, 20 ms +\d+\.\d\d s {2}× \d+\.\d of one alone; CPU /),
    expect.stringMatching(
      /^mesh of 4, 12 flows, 20 ms .* per doubling; .* CPU \d+\.\d\d s, the lab's \d+\.\d\d s; peak \d+ MB$/,
    ),
    expect.stringMatching(/^2 probes on one host, 50 ms, one batch +\d+\.\d\d s$/),
    expect.stringMatching(/^2 probes on one host, 50 ms, one by one +\d+\.\d\d s +× \d+\.\d$/),
    expect.stringMatching(/^preflight --offline +\d+\.\d\d s +median of 1; /),
    expect.stringMatching(/^preflight ÷ bare node +\d+\.\d +turn by turn$/),
  ]);
});
