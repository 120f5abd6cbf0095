// `npm run bench`: what certifying costs over a bare preview, and how the mesh and the probes grow.
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { readFlags } from "../src/cli/flags.ts";
import { runCommand } from "../src/cli/run.ts";
import { type Times, type Together, timeTogether, timeTurns } from "./engine.ts";
import { median, megabytes, percent, row, seconds, sum } from "./figures.ts";
import { timeGate } from "./gate.ts";
import { type MeshCost, measureMesh, timeProbes } from "./mesh.ts";
import { openShell } from "./shell.ts";
import { certifyStacks, openShells, previewStacks, type StacksCost } from "./stacks.ts";

const project = fileURLToPath(new URL("..", import.meta.url));

const counts = z
  .string()
  .regex(/^\d+(,\d+)*$/, "numbers such as 4,16,64")
  .transform((text) => text.split(",").map(Number));
const count = z.coerce.number<string>().int().min(0, "a whole number");

const command = {
  name: "bench",
  summary: "Measures; a ratio of one run says more than the seconds of two machines.",
  flags: {
    runs: { kind: "value", shown: "<n>", parse: count, default: "5", help: "how often; medians are shown" },
    turns: {
      kind: "value",
      shown: "<n>",
      parse: count,
      default: "5",
      help: "certify and preview turns; 0 leaves the engine out",
    },
    sizes: {
      kind: "value",
      shown: "<n,…>",
      parse: counts,
      default: "4,16,64",
      help: "endpoints of the mesh",
    },
    latencies: {
      kind: "value",
      shown: "<ms,…>",
      parse: counts,
      default: "20",
      help: "round trips to the mesh's endpoints",
    },
    stacks: {
      kind: "value",
      shown: "<n,…>",
      parse: counts,
      help: "stacks certified at once, in labs side by side; left out, none are",
    },
    probes: { kind: "value", shown: "<n>", parse: count, default: "30", help: "probes on one host" },
  },
} as const;

await runCommand(async () => {
  const asked = readFlags(command, process.argv.slice(2));
  if (asked === "help")
    return print(
      `npm run bench --${Object.entries(command.flags)
        .map(([flag, { shown }]) => ` [--${flag} ${shown}]`)
        .join("")}`,
    );
  if (asked.turns > 0) await benchEngine(asked.turns);
  for (const latency of asked.stacks === undefined ? [] : asked.latencies)
    await benchStacks(asked.stacks ?? [], latency);
  for (const latency of asked.latencies) await benchMesh(asked.sizes, latency, asked.runs);
  await benchProbes(asked.probes, asked.runs);
  await benchGate(asked.runs);
  return 0;
});

async function benchEngine(turns: number): Promise<void> {
  await using shell = await openShell(project);
  const { certified, previewed } = await timeTurns(shell, turns);
  row("certify, read-only", seconds(median(certified)), `median of ${turns}`);
  row("pulumi preview --refresh", seconds(median(previewed)), `median of ${turns}, turn by turn`);
  row("certify ÷ preview", (median(certified) / median(previewed)).toFixed(2), "");
  for (const latency of [0, 100]) benchTogether(await timeTogether(shell, turns, latency), latency);
}

function benchTogether({ certified, previewed }: Together, latency: number): void {
  for (const [name, times] of certified.alone)
    row(`certify ${name} alone, ${latency} ms`, seconds(median(times)), "");
  row(`certify all of them at once, ${latency} ms`, seconds(median(certified.together)), "");
  row("all at once ÷ the slowest alone", crowding(certified), `on ${availableParallelism()} cores`);
  row("the same of bare previews", crowding(previewed), "what the engine itself does to the cores");
  row(
    "all certified at once ÷ all previewed at once",
    (median(certified.together) / median(previewed.together)).toFixed(2),
    "",
  );
}

/** How much longer all at once take than the slowest of them alone. */
function crowding({ alone, together }: Times): string {
  const slowest = Math.max(...[...alone.values()].map(median));
  return (median(together) / slowest).toFixed(2);
}

async function benchMesh(sizes: readonly number[], latency: number, runs: number): Promise<void> {
  let before: Grown | undefined;
  for (const size of sizes) {
    const cost = await measureMesh(size, latency, runs);
    const { wall } = cost.all;
    const grown = before === undefined ? "" : `× ${growth(before, { size, wall })} per doubling; `;
    const flows = size * (size - 1);
    row(`mesh of ${size}, ${flows} flows, ${latency} ms`, seconds(wall), `${grown}${sharesOf(cost)}`);
    before = { size, wall };
  }
}

function sharesOf({ all, alone }: MeshCost): string {
  const ratio = (all.wall / alone.wall).toFixed(1);
  const cpu = `CPU ${seconds(all.cpu)}, the lab's ${seconds(all.lab)}`;
  return `× ${ratio} of one alone; ${cpu}; peak ${megabytes(all.peak)}`;
}

type Grown = { readonly size: number; readonly wall: number };

function growth(before: Grown, after: Grown): string {
  const doublings = Math.log2(after.size / before.size);
  return ((after.wall / before.wall) ** (1 / doublings)).toFixed(2);
}

/** One turn of each: sixteen stacks take minutes. */
async function benchStacks(counts: readonly number[], latency: number): Promise<void> {
  await using shells = await openShells(project, Math.max(...counts));
  for (const shell of shells.all) await shell.delay(latency);
  let before: Grown | undefined;
  for (const stacks of counts) {
    const certified = await certifyStacks(shells.all, stacks);
    const previewed = await previewStacks(shells.all, stacks);
    const grown =
      before === undefined ? "" : `× ${growth(before, { size: stacks, ...certified })} per doubling; `;
    row(
      `${stacks} stacks certified at once, ${latency} ms`,
      seconds(certified.wall),
      `${grown}${needs(certified)}`,
    );
    row(
      `${stacks} stacks previewed at once, ${latency} ms`,
      seconds(previewed.wall),
      beside(certified, previewed),
    );
    before = { size: stacks, wall: certified.wall };
  }
}

function needs({ commands }: StacksCost): string {
  const cpu = sum(commands.map((command) => command.cpu));
  const own = sum(commands.map((command) => command.own));
  const peak = Math.max(...commands.map((command) => command.peak));
  const started = Math.max(...commands.map((command) => command.started));
  const share = `${seconds(own)} of it (${percent(own / cpu)}) the commands' own`;
  return `CPU ${seconds(cpu)}, ${share}; peak ${megabytes(peak)} a command, ${megabytes(started)} an engine's host`;
}

function beside(certified: StacksCost, previewed: StacksCost): string {
  const [all, bare] = [certified, previewed].map(({ commands }) => sum(commands.map(({ cpu }) => cpu)));
  const ratio = (certified.wall / previewed.wall).toFixed(2);
  return `certified ÷ previewed ${ratio}; ${percent(1 - (bare ?? 0) / (all ?? 0))} of certifying's CPU is not Pulumi's own`;
}

async function benchProbes(probes: number, runs: number): Promise<void> {
  const times = await timeProbes(probes, 50, runs);
  const batched = median(times.map((time) => time.batched));
  const single = median(times.map((time) => time.single));
  row(`${probes} probes on one host, 50 ms, one batch`, seconds(batched), "");
  row(
    `${probes} probes on one host, 50 ms, one by one`,
    seconds(single),
    `× ${(single / batched).toFixed(1)}`,
  );
}

async function benchGate(runs: number): Promise<void> {
  const { gate, node } = await timeGate(runs);
  row("preflight --offline", seconds(median(gate)), `median of ${runs}; a Python one takes 0.22 s`);
  row("preflight ÷ bare node", (median(gate) / median(node)).toFixed(1), "turn by turn");
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}
