// A provisioned PVE substrate without the engine: the double, the way in, and what the stack config declares, made.
import { readFile } from "node:fs/promises";
import { load } from "js-yaml";
import { z } from "zod";
import { keyOf } from "../../src/check/key.ts";
import { newRun } from "../../src/environment/run.ts";
import { startJump } from "../../src/lab/guests.ts";
import { fingerprintOf } from "../../src/probes/key.ts";
import type { Abroad, KnownEdge } from "../../src/substrates/abroad.ts";
import type { ApiRequest, Properties, RunningDouble } from "../../src/substrates/double.ts";
import { type PveConfig, parsePve } from "../../src/substrates/pve/config.ts";
import { pveDouble } from "../../src/substrates/pve/double/double.ts";
import { planPve } from "../../src/substrates/pve/plan.ts";
import { pve } from "../../src/substrates/pve/substrate.ts";
import { Seen } from "../../src/substrates/seen.ts";
import { generateHostKey } from "../../src/world/hostkey.ts";
import { type Meddling, meddle } from "../../src/world/meddle.ts";
import { World } from "../../src/world/world.ts";
import { believing, nowhere, runPlan } from "./checks.ts";
import { provision, type Things } from "./declared.ts";

const stack = z.object({ config: z.record(z.string(), z.unknown()) });

type Changes = Readonly<Record<string, unknown>>;

export class Substrate implements AsyncDisposable {
  readonly world: World;
  readonly running: RunningDouble;
  readonly #raw: Changes;
  readonly #closing: AsyncDisposableStack;
  #made: Things = new Map();
  readonly #run = newRun(new Date(), "run-test");
  readonly #undo: (() => void | Promise<void>)[] = [];

  constructor(world: World, running: RunningDouble, parts: { raw: Changes; closing: AsyncDisposableStack }) {
    this.world = world;
    this.running = running;
    this.#raw = parts.raw;
    this.#closing = parts.closing;
  }

  /** Of one of the lab's environments, in a world of its own or in one that others share. */
  static async start(
    environment: "lab" | "lab-adopted" = "lab",
    world: World = new World(),
  ): Promise<Substrate> {
    const file = new URL(`../../stacks/Pulumi.${environment}-pve.yaml`, import.meta.url);
    await using starting = new AsyncDisposableStack();
    const running = starting.use(await pveDouble.start(world));
    const key = generateHostKey();
    const jump = starting.use(await startJump(world, { authorizedKey: key.publicKey, ...running }));
    const { config } = stack.parse(load(await readFile(file, "utf8")));
    const raw = {
      ...{ ...config, ...running.overlay, "substrate:sshKey": key.privateKey },
      "substrate:jump": { host: "127.0.0.1", port: jump.port, user: "jump", hostKey: jump.hostKey },
      "substrate:connectTimeout": "10s",
      "substrate:bootDeadline": "3s",
    };
    const substrate = new Substrate(world, running, { raw, closing: starting.move() });
    substrate.#made = await provision(substrate.config(), running.outsider, substrate.#run);
    return substrate;
  }

  /** The stack config, with other values for some keys; undefined takes a key away. */
  config(changes: Changes = {}): PveConfig {
    const entries = Object.entries({ ...this.#raw, ...changes }).filter(([, value]) => value !== undefined);
    return parsePve(Object.fromEntries(entries), "test");
  }

  /** Runs the whole plan; answers by key: `pass: …`. */
  async look(changes: Changes = {}): Promise<Readonly<Record<string, string>>> {
    await using closing = new AsyncDisposableStack();
    const invoke = async () => ({ names: ["pve1", "pve2"], onlines: [true, true] });
    const plan = planPve(
      this.config(changes),
      {
        invoke,
        run: this.#run,
        idOf: () => undefined,
        ...{ hostKeys: believing, edge: nowhere },
        repair: false,
        debug: () => undefined,
        closing,
      },
      new Seen(),
    );
    const { answers } = await runPlan(plan);
    return Object.fromEntries(
      answers.map(({ check, result, summary }) => [keyOf(check), `${result}: ${summary}`]),
    );
  }

  /** One of its edges, known by the key that its guest has. */
  edge({ endpoint }: Abroad): KnownEdge {
    const edge = pve.open(this.#raw, "test").edges?.find((one) => one.endpoint.name === endpoint);
    const guest = [...this.world.machines.values()].find(({ label }) => label === endpoint);
    if (edge === undefined || guest === undefined) throw new TypeError(`${endpoint} is no edge`);
    return { ...edge, hostKey: fingerprintOf(guest.system.hostKey.publicKey) };
  }

  /** Changes anything over the API, as an outsider. */
  async send(...requests: readonly ApiRequest[]): Promise<void> {
    this.#undo.push(await this.running.meddle(requests, AbortSignal.timeout(10_000)));
  }

  /** Reads something declared, by its logical name. */
  async read(name: string): Promise<Properties | undefined> {
    const thing = this.#made.get(name);
    if (thing === undefined) throw new TypeError(`${name} was not made`);
    const resource = this.running.outsider.resource(thing.type);
    return (await resource.read(thing.id, thing, AbortSignal.timeout(10_000)))?.outputs;
  }

  meddle(guest: string, what: Meddling): void {
    this.#undo.push(meddle(this.world, guest, what));
  }

  tamper(host: string, what: string): void {
    this.#undo.push(this.running.tamper(host, what));
  }

  /** Changes the inputs of something declared, by its logical name, as an outsider. */
  async set(name: string, change: (inputs: Properties) => Properties): Promise<void> {
    const thing = this.#made.get(name);
    if (thing === undefined) throw new TypeError(`${name} was not made`);
    const { type, id } = thing;
    const resource = this.running.outsider.resource(type);
    const signal = AbortSignal.timeout(10_000);
    const now = await resource.read(id, thing, signal);
    if (now === undefined) throw new TypeError(`${name} does not exist`);
    this.#undo.push(await this.running.capture(type, id));
    await resource.update(id, { olds: now.outputs, news: change(now.inputs) }, signal);
  }

  /** Takes back all that was done. */
  async heal(): Promise<void> {
    this.world.heal();
    for (const undo of this.#undo.splice(0).reverse()) await undo();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#closing.disposeAsync();
  }
}
