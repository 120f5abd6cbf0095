// The lab's stack, certified and merely previewed, turn by turn.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { ensureEngine } from "../src/engine/install.ts";
import { shutDown } from "../src/lab/client.ts";
import { Home } from "../src/lab/home.ts";
import { timed } from "./mesh.ts";

/** Milliseconds of each run. */
export type Turns = { readonly certified: readonly number[]; readonly previewed: readonly number[] };

type Shell = {
  readonly engine: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
};

/** Provisions a lab of its own, then takes turns, so that a busy machine is busy for both. */
export async function timeTurns(project: string, turns: number): Promise<Turns> {
  const home = new Home(await mkdtemp(join(tmpdir(), "bench-lab-")));
  const engine = await ensureEngine(
    (line) => process.stderr.write(`${line}\n`),
    AbortSignal.timeout(3_600_000),
  );
  const lab = { SUBSTRATE_LAB: home.path };
  try {
    await execa(process.execPath, ["src/cli/lab.ts", "up"], { cwd: project, env: lab });
    const ticket = await home.readTicket();
    if (ticket === undefined) throw new Error("the lab did not start");
    const shell = { engine, env: { ...lab, ...home.variables(ticket) }, cwd: project };
    await pulumi(shell, "up", "--yes", "--skip-preview");
    const out = join(home.path, "bench.manifest.json");
    // What only looks wants host keys that a repair has recorded.
    await certify(shell, out, "--repair");
    return await take(shell, turns, out);
  } finally {
    await shutDown(home);
  }
}

async function take(shell: Shell, turns: number, out: string): Promise<Turns> {
  const certified: number[] = [];
  const previewed: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    certified.push(await timed(() => certify(shell, out)));
    previewed.push(await timed(() => pulumi(shell, "preview", "--refresh", "--parallel", "16")));
  }
  await rm(out, { force: true });
  return { certified, previewed };
}

async function pulumi({ engine, env, cwd }: Shell, ...args: readonly string[]): Promise<void> {
  await execa(engine, [...args, "--stack", "lab-pve", "--non-interactive"], { cwd, env, stdin: "ignore" });
}

async function certify({ env, cwd }: Shell, out: string, ...flags: readonly string[]): Promise<void> {
  const args = ["--environment", "lab", "--topology", "sam-full", "--quiet", "--out", out, ...flags];
  await execa("scripts/certify-pve-substrate.sh", args, { cwd, env, stdin: "ignore" });
}
