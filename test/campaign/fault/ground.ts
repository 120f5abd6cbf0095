// The lab that cases are tried in: one far end, brought up and certified, and brought back after each case.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { ask, stateOf } from "../../../src/lab/client.ts";
import { parseBytes } from "../../../src/manifest/read.ts";
import { qualificationResult } from "../../../src/qualification/result.ts";
import { Bench, project } from "../../e2e/bench.ts";
import { type Running, running } from "../../e2e/processes.ts";
import { diskOf } from "./disk.ts";
import type { Evidence, Known } from "./judge.ts";
import type { Command } from "./moments.ts";

const preload = fileURLToPath(new URL("../../fixtures/programs/jump-clock.mjs", import.meta.url));

/** Seconds that a command is given for itself; on a machine that is busy with others. */
export const deadlines = { look: 120, repair: 300, publish: 150, smoke: 240 } as const satisfies Record<
  Command,
  number
>;

/** Flows of clouds lead to the edge of PVE, which is therefore always certified, and first. */
function farEndsOf(substrate: string): ReadonlySet<string> {
  return new Set(["pve", substrate]);
}

type Starting = { readonly out?: string; readonly clock?: boolean };

/** A provisioned far end in a lab of its own. */
export class Ground implements AsyncDisposable {
  readonly bench: Bench;
  readonly substrate: string;
  readonly #farEnds: ReadonlySet<string>;
  readonly #fails = new Map<string, Known>();
  #certified: string | undefined;

  private constructor(bench: Bench, substrate: string) {
    this.bench = bench;
    this.substrate = substrate;
    this.#farEnds = farEndsOf(substrate);
  }

  /** Brings a lab up. */
  static async open(substrate: string): Promise<Ground> {
    const bench = await Bench.start({ provision: false, within: diskOf(substrate) });
    try {
      const room = join(bench.folder, "tmp");
      await mkdir(room);
      const at = (name: string) => new Ground(bench.with({ TMPDIR: room }), name);
      const ground = at(substrate);
      for (const name of ground.#farEnds) await (name === substrate ? ground : at(name)).#provision();
      return ground;
    } catch (error) {
      await bench[Symbol.asyncDispose]();
      throw error;
    }
  }

  get stack(): string {
    return `lab-${this.substrate}`;
  }

  /** Where commands write their evidence, in a folder that has nothing else in it. */
  get out(): string {
    return join(this.bench.folder, "out", "evidence.json");
  }

  /** What is certified now. */
  get certification(): string {
    return join(this.bench.folder, "certification.json");
  }

  /** A file with the ms by which clocks go by, while it is there. */
  get clock(): string {
    return join(this.bench.folder, "jump");
  }

  /** An empty place for evidence, or one with an older manifest in it. */
  async clear(command: Command): Promise<void> {
    for (const folder of [join(this.bench.folder, "out"), this.bench.evidence])
      await rm(folder, { recursive: true, force: true });
    await mkdir(join(this.bench.folder, "out"));
    if (command !== "smoke") await writeFile(this.out, await readFile(this.certification));
  }

  /** Starts a command, whose output and end its promise gives; with `clock` its time of day can be moved. */
  start(command: Command, { out = this.out, clock = false }: Starting = {}) {
    const [script, ...args] = command === "smoke" ? this.#qualify(out) : this.#certify(command, out);
    return execa(`scripts/${script}`, args, {
      ...{ cwd: project, reject: false, all: true, stdin: "ignore" },
      env: clock
        ? { ...this.bench.env, NODE_OPTIONS: `--import ${preload}`, CLOCK_JUMP: this.clock }
        : this.bench.env,
    });
  }

  /** An engineer's `pulumi up`. */
  startUp() {
    return this.bench.tryPulumi("up", "--yes", "--skip-preview", "-s", this.stack);
  }

  /** Certifies with `--repair`, and makes that the current certification; what is not in the ledger no gate lets in. */
  async repairNow() {
    const { exitCode, all } = await this.start("repair", { out: this.certification });
    const said = String(all);
    const whole = exitCode === 0 && !said.includes("does not hold this certification");
    this.#certified = whole ? await this.#held() : undefined;
    return { exitCode, said, whole };
  }

  /** Whether everything is as it was when it was certified last: then the next repair can but come to the same. */
  async isAsCertified(): Promise<boolean> {
    return this.#certified !== undefined && this.#certified === (await this.#held());
  }

  /** All that is written of stacks and ledger, and all that far ends hold. */
  async #held(): Promise<string> {
    const { bench } = this;
    const written = [await bench.backend(".pulumi/stacks/"), await bench.backend(".pulumi/locks/")];
    const farEnds = await Promise.all([...this.#farEnds].map((name) => stateOf(bench.home, name)));
    return JSON.stringify([written, farEnds]);
  }

  /** Undoes every drift and fault. */
  async heal(): Promise<void> {
    await ask(this.bench.home, { do: "heal" });
  }

  /** What fails by a drift, which is brought about here and stays. */
  async drift(name: string): Promise<Known> {
    await this.bench.lab("drift", name);
    const known = this.#fails.get(name);
    if (known !== undefined) return known;
    const looked = await this.start("look", { out: join(this.bench.folder, "drifted.json") });
    const fails = looked.all.matchAll(/^fail +([\w.]+(?:@[\w-]+)?): /gm);
    const found = new Set([...fails].map(([, key = ""]) => key));
    this.#fails.set(name, found);
    return found;
  }

  /** What stands at a place where evidence was to be written, in place of an older manifest or of nothing. */
  async evidence(command: Command, out = this.out): Promise<Evidence> {
    const text = await readFile(out, "utf8").catch(() => undefined);
    if (text === undefined) return { kind: "absent" };
    if (text === (await readFile(this.certification, "utf8"))) return { kind: "old" };
    try {
      if (command === "smoke") return { kind: "result", result: qualificationResult.parse(JSON.parse(text)) };
      return { kind: "manifest", manifest: parseBytes(Buffer.from(text), "evidence").manifest };
    } catch {
      return { kind: "half" };
    }
  }

  /** What commands have left: beside the evidence, and where temporary files belong. */
  async scraps(): Promise<readonly string[]> {
    const drafts = await readdir(join(this.bench.folder, "out"));
    const temporary = await readdir(join(this.bench.folder, "tmp"));
    return [...drafts.filter((name) => name.endsWith(".tmp")), ...temporary];
  }

  /** Everything that runs on behalf of this lab, but the lab itself. */
  async running(): Promise<readonly Running[]> {
    const lab = (await this.bench.home.readTicket())?.pid;
    const all = await running(`SUBSTRATE_LAB=${this.bench.home.path}`);
    return all.filter(({ pid }) => pid !== lab && pid !== process.pid);
  }

  /** Kills all of it. */
  async killAll(): Promise<void> {
    for (const { pid } of await this.running())
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
  }

  /** Patiently, for the machine may be busy with others. */
  async #provision(): Promise<void> {
    await this.bench.pulumi("up", "--yes", "--skip-preview", "-s", this.stack);
    for (let tries = 1; ; tries += 1) {
      const { whole, said } = await this.repairNow();
      if (whole) return;
      if (tries === 5) throw new Error(`the lab is not healthy: ${said}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.killAll();
    await this.bench[Symbol.asyncDispose]();
  }

  #certify(command: Command, out: string): [string, ...string[]] {
    const cloud = this.substrate !== "pve";
    return [
      cloud ? "certify-cloud-substrate.sh" : "certify-pve-substrate.sh",
      ...["--environment", "lab", "--topology", "sam-full", "--out", out, "--verbose"],
      ...["--deadline", `${deadlines[command]}s`],
      ...(cloud ? ["--providers", this.substrate] : []),
      ...(command === "look" ? [] : [`--${command}`]),
    ];
  }

  #qualify(out: string): [string, ...string[]] {
    return [
      "release-qualification-smoke.sh",
      ...["--certification", this.certification, "--out", out, "--evidence-dir", this.bench.evidence],
      ...["--release", "v1.2.3", "--patience", "1s", "--heartbeat", "2s", "--heartbeat-stale", "30s"],
      ...["--ttl", `${deadlines.smoke}s`],
    ];
  }
}
