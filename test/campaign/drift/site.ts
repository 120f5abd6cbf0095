// A world of its own in which drifts are brought about: a lab, its stacks as they are needed, and what may be asked of it.
import { readFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "js-yaml";
import { z } from "zod";
import { withOverlay } from "../../../src/environment/overlay.ts";
import { configFile } from "../../../src/environment/stack.ts";
import { ask, stateOf } from "../../../src/lab/client.ts";
import { type Declared, declaredThings } from "../../../src/lab/declared.ts";
import { engineFolder } from "../../../src/pulumi/folder.ts";
import { loadSubstrate } from "../../../src/substrates/index.ts";
import { Bench, type Certified, project } from "../../e2e/bench.ts";
import type { Injection } from "./injection.ts";
import { commandOf } from "./injection.ts";

const tracked = z.object({ config: z.record(z.string(), z.unknown()) });

/** The substrate that the flows of all others lead to. */
const first = "pve";

export class Site implements AsyncDisposable {
  #bench: Bench;
  readonly #signal: AbortSignal;
  #provisioned = new Set<string>([first]);

  private constructor(bench: Bench, signal: AbortSignal) {
    this.#bench = bench;
    this.#signal = signal;
  }

  static async start(signal: AbortSignal): Promise<Site> {
    return new Site(await Bench.start({ provision: true, signal }), signal);
  }

  /** Leaves this world for a new one. */
  async renew(): Promise<void> {
    await this.#bench[Symbol.asyncDispose]();
    this.#bench = await Bench.start({ provision: true, signal: this.#signal });
    this.#provisioned = new Set([first]);
  }

  /** Brings a substrate up where it is not, and certifies it, so that its host keys are known. */
  async provision(substrate: string): Promise<void> {
    if (this.#provisioned.has(substrate)) return;
    await this.#bench.pulumi("up", "--yes", "--skip-preview", "-s", `lab-${substrate}`);
    const { exit, stdout } = await this.certify(substrate, "--repair");
    if (exit !== 0) throw new Error(`${substrate} is not healthy: ${stdout}`);
    this.#provisioned.add(substrate);
  }

  /** Where the engine could not look, what it said stays in the temporary folder: nobody expects that here. */
  async certify(substrate: string, ...flags: string[]): Promise<Certified> {
    const log = join(this.#bench.folder, "debug.log");
    const own = ["--debug-log", log, ...flags];
    const certified = await (substrate === first
      ? this.#bench.certify(...own)
      : this.#bench.certifyClouds("--providers", substrate, ...own));
    if (certified.manifest?.checks.some(({ summary = "" }) => summary.includes("the engine could not look")))
      await copyFile(log, join(tmpdir(), `drift-${substrate}-${Date.now()}.debug.log`));
    return certified;
  }

  things(substrate: string): Promise<readonly Declared[]> {
    const engine = join(engineFolder(), "pulumi");
    const asking = { engine, project, signal: this.#signal, env: { ...this.#bench.env } };
    return declaredThings(`lab-${substrate}`, asking);
  }

  /** All that the far end holds. */
  state(substrate: string): Promise<unknown> {
    return stateOf(this.#bench.home, substrate);
  }

  /** Brings a drift about. Throws `Problem` with the far end's words where it refuses. */
  async inject(injection: Injection, thing: Declared | undefined): Promise<void> {
    await ask(this.#bench.home, commandOf(injection, thing));
  }

  async heal(): Promise<void> {
    await ask(this.#bench.home, { do: "heal" });
  }

  /** The keys of the checks that cover a resource of a substrate. */
  async verifiers(substrate: string): Promise<(resource: string) => readonly string[]> {
    const stack = `lab-${substrate}`;
    const { config } = tracked.parse(load(readFileSync(join(project, configFile(stack)), "utf8")));
    const raw = withOverlay(config, stack, this.#bench.home.overlay);
    return (await (await loadSubstrate(substrate)).open(raw, stack).inspect()).verifiers;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#bench[Symbol.asyncDispose]();
  }
}
