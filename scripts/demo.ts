// `npm start`: the whole story on a lab of its own: provision, drift, catch it, repair it, prove it, qualify.
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { interruptible } from "../src/cli/interrupt.ts";
import { complain, runCommand } from "../src/cli/run.ts";
import { Problem } from "../src/environment/problem.ts";
import { shutDown } from "../src/lab/client.ts";
import { Home } from "../src/lab/home.ts";

const project = fileURLToPath(new URL("..", import.meta.url));
const lab = ["node", "src/cli/lab.ts"] as const;
const place = ["--environment", "lab", "--topology", "sam-full"] as const;
const clouds = ["aws", "azure", "oci"] as const;
const pve = "lab-pve.manifest.json";
const manifest = "lab.manifest.json";
const certify = ["scripts/certify-pve-substrate.sh", ...place, "--out", pve] as const;
const certifyAll = [
  ...["scripts/certify-cloud-substrate.sh", ...place, "--providers", clouds.join(",")],
  ...["--pve-certification", pve, "--out", manifest],
] as const;
const certified = ["--certification", manifest] as const;
const preflight = ["scripts/release-environment-preflight.sh", ...certified, ...place] as const;
const smoke = ["scripts/release-qualification-smoke.sh", ...certified, "--out", "lab.result.json"] as const;

type Step = { readonly title: string; readonly argv: readonly [string, ...string[]]; readonly exit: number };

const steps: readonly Step[] = [
  { title: "Provision the Proxmox VE substrate, as an engineer would", argv: up("pve"), exit: 0 },
  {
    title: "Certify it for the first time: the guests' host keys are recorded",
    argv: [...certify, "--repair"],
    exit: 0,
  },
  {
    title: "Change a bridge behind the engine's back",
    argv: [...lab, "drift", "bridge-not-vlan-aware"],
    exit: 0,
  },
  { title: "Certify, only looking: this must fail", argv: certify, exit: 1 },
  { title: "Repair, then certify", argv: [...certify, "--repair"], exit: 0 },
  ...clouds.map((cloud) => ({ title: `Provision ${cloud}`, argv: up(cloud), exit: 0 })),
  {
    title: "Certify the clouds, side by side, and publish one manifest for all four",
    argv: [...certifyAll, "--publish"],
    exit: 0,
  },
  {
    title: "Ask whether a release may be qualified on it",
    argv: [...preflight, "--providers", [...clouds, "pve"].join(",")],
    exit: 0,
  },
  {
    title: "Qualify a release: the environment is frozen meanwhile",
    argv: [...smoke, "--release", "v1.0.0"],
    exit: 0,
  },
];

function up(substrate: string): Step["argv"] {
  return ["pulumi", "up", "-s", `lab-${substrate}`, "--yes", "--skip-preview", "--suppress-outputs"];
}

await runCommand(async () => {
  using interrupt = interruptible({
    deadline: 60 * 60_000,
    cost: "the demonstration's lab may still run",
    tell: complain,
  });
  const home = new Home(await mkdtemp(join(tmpdir(), "routerd-lab-")));
  const env = { SUBSTRATE_LAB: home.path };
  try {
    await run({ title: "Start the lab", argv: [...lab, "up"], exit: 0 }, env, interrupt.signal);
    const ticket = await home.readTicket();
    if (ticket === undefined)
      throw new Problem({ subject: "lab", expected: "a lab that started", remedy: `read ${home.log}` });
    for (const step of steps) await run(step, { ...env, ...home.variables(ticket) }, interrupt.signal);
    say(`The manifest is ${join(project, manifest)}, the result lab.result.json beside it`);
  } finally {
    await shutDown(home);
    say("The lab is stopped");
  }
  return 0;
});

/** Runs a step where people can see it; any other exit code than the expected one ends the story. */
async function run(step: Step, env: Record<string, string>, signal: AbortSignal): Promise<void> {
  say(`${step.title}\n  $ ${step.argv.join(" ")}`);
  const [program, ...args] = step.argv;
  const options = {
    cwd: project,
    env,
    preferLocal: true,
    localDir: project,
    stdio: "inherit",
    cancelSignal: signal,
    reject: false,
  } as const;
  const { exitCode } = await execa(program, args, options);
  if (exitCode === step.exit) return;
  throw new Problem({
    subject: step.argv.join(" "),
    expected: `exit code ${step.exit}`,
    actual: String(exitCode),
    remedy: "read its output above",
  });
}

function say(text: string): void {
  process.stdout.write(`\n▸ ${text}\n`);
}
