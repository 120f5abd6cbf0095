// A lab of its own for measuring, with every substrate brought up and certified once.
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { ensureEngine } from "../src/engine/install.ts";
import { Problem } from "../src/environment/problem.ts";
import { shutDown } from "../src/lab/client.ts";
import { Home } from "../src/lab/home.ts";
import { substrateNames } from "../src/substrates/index.ts";
import { type Cost, costOf } from "./cost.ts";

/** Commands in a shell that uses the lab; each throws where it does not end as it should. */
export type Shell = AsyncDisposable & {
  /** Certifies these substrates with the command that is theirs, in one run. */
  readonly certify: (substrates: readonly string[], ...flags: readonly string[]) => Promise<Cost>;
  /** A bare preview with refresh of one substrate. */
  readonly preview: (substrate: string) => Promise<Cost>;
  /** Delays every far end's answers by so many ms. */
  readonly delay: (ms: number) => Promise<void>;
};

/** The substrates that the cloud command certifies. */
export const clouds = substrateNames.filter((name) => name !== "pve");

/** Starts a lab, brings all its substrates up, and certifies them so that host keys are known. */
export async function openShell(project: string): Promise<Shell> {
  const home = new Home(await mkdtemp(join(tmpdir(), "bench-lab-")));
  const tell = (line: string) => process.stderr.write(`${line}\n`);
  const engine = await ensureEngine(tell, AbortSignal.timeout(3_600_000));
  const base = { cwd: project, stdin: "ignore" } as const;
  const lab = async (...args: readonly string[]) => {
    const env = { SUBSTRATE_LAB: home.path };
    await execa(process.execPath, ["src/cli/lab.ts", ...args], { ...base, env });
  };
  try {
    await lab("up");
    await calm(home);
    const ticket = await home.readTicket();
    if (ticket === undefined) throw new Error("the lab did not start");
    const env = { SUBSTRATE_LAB: home.path, ...home.variables(ticket) };
    const pulumi = async (substrate: string, ...args: readonly string[]) => {
      const place = ["--stack", `lab-${substrate}`, "--non-interactive"];
      return passed(
        await costOf([engine, ...args, ...place], { cwd: project, env }),
        `pulumi of ${substrate}`,
      );
    };
    const shell: Shell = {
      certify: async (substrates, ...flags) => {
        const cloud = clouds.includes(substrates[0] ?? "");
        const script = `scripts/certify-${cloud ? "cloud" : "pve"}-substrate.sh`;
        const which = cloud ? ["--providers", substrates.join(",")] : [];
        const out = join(home.path, `${substrates.join("-")}.manifest.json`);
        const place = ["--environment", "lab", "--topology", "sam-full", "--out", out];
        const argv = [script, ...place, ...which, ...flags];
        return passed(await costOf(argv, { cwd: project, env }), `${script} of ${substrates.join(", ")}`);
      },
      preview: (substrate) => pulumi(substrate, "preview", "--refresh", "--parallel", "16"),
      delay: (ms) => lab("latency", String(ms)),
      [Symbol.asyncDispose]: () => shutDown(home),
    };
    // The clouds' flows lead to the edge of PVE, whose host key must be on record.
    for (const substrate of ["pve", ...clouds]) {
      await pulumi(substrate, "up", "--yes", "--skip-preview");
      await shell.certify([substrate], "--repair");
    }
    return shell;
  } catch (error) {
    await shutDown(home);
    throw error;
  }
}

const overlay = z.record(z.string(), z.record(z.string(), z.unknown()));

/** The lab's stacks are impatient, so that silence is soon judged; a crowd is measured with what is usual elsewhere. */
async function calm({ overlay: file }: Home): Promise<void> {
  const usual = { "substrate:connectTimeout": "10s", "substrate:bootDeadline": "5m" };
  const stacks = Object.entries(overlay.parse(JSON.parse(await readFile(file, "utf8"))));
  const calmed = stacks.map(([stack, config]) => [stack, { ...config, ...usual }]);
  await writeFile(file, JSON.stringify(Object.fromEntries(calmed)));
}

function passed(cost: Cost, subject: string): Cost {
  if (cost.exitCode === 0) return cost;
  throw new Problem({
    subject,
    expected: "a lab where all is well",
    actual: cost.said,
    remedy: "nothing can be measured of a command that did not pass",
  });
}
