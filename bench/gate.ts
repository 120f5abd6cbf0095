// The gate asked offline about a manifest that it lets through, and bare node, turn by turn.
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { layOver, passing, project } from "../test/support/gate.ts";
import { timed } from "./time.ts";

/** Milliseconds of each run. */
export type Asked = { readonly gate: readonly number[]; readonly node: readonly number[] };

/** Asks so many times, once the code is compiled. */
export async function timeGate(turns: number): Promise<Asked> {
  const folder = await layOver();
  const out = join(folder, "bench.manifest.json");
  const gate: number[] = [];
  const node: number[] = [];
  try {
    const hour = 3_600_000;
    const times = { issuedAt: at(-hour), expiresAt: at(hour) };
    await writeFile(out, JSON.stringify({ ...(await passing()), ...times }));
    await ask(out);
    for (let turn = 0; turn < turns; turn += 1) {
      gate.push(await timed(() => ask(out)));
      node.push(await timed(() => execa(process.execPath, ["-e", "0"])));
    }
    return { gate, node };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function ask(manifest: string): Promise<void> {
  const args = ["--environment", "lab", "--topology", "sam-full", "--providers", "pve", "--offline"];
  await execa("scripts/release-environment-preflight.sh", [...args, "--certification", manifest], {
    cwd: project,
  });
}

function at(distance: number): string {
  return new Date(Date.now() + distance).toISOString();
}
