// A cloud's substrate in the lab as its stack config has it, provisioned as its program declares it, without any engine.
import { readFileSync } from "node:fs";
import { load } from "js-yaml";
import { z } from "zod";
import type { Check } from "../../src/check/check.ts";
import { keyOf } from "../../src/check/key.ts";
import { Unreadable } from "../../src/check/unreadable.ts";
import { newRun, type Run } from "../../src/environment/run.ts";
import type { RawConfig } from "../../src/environment/section.ts";
import { startJump } from "../../src/lab/guests.ts";
import { prepared } from "../../src/lab/lab.ts";
import { withProperty } from "../../src/lab/property.ts";
import type {
  Properties,
  ProviderSession,
  RunningDouble,
  SubstrateDouble,
} from "../../src/substrates/double.ts";
import { Seen } from "../../src/substrates/seen.ts";
import type { Sight } from "../../src/substrates/substrate.ts";
import { generateHostKey } from "../../src/world/hostkey.ts";
import type { MetadataAnswer } from "../../src/world/machine.ts";
import { meddle } from "../../src/world/meddle.ts";
import { World } from "../../src/world/world.ts";
import { believing, runPlan } from "./checks.ts";
import { patience, provisionBy, type Things } from "./declared.ts";
import { Substrate } from "./substrate.ts";

const tracked = z.object({ config: z.record(z.string(), z.unknown()) });

/** The lab's stack config as it is tracked, without what a running lab lays over it. */
export function trackedConfig(substrate: string): RawConfig {
  const file = new URL(`../../stacks/Pulumi.lab-${substrate}.yaml`, import.meta.url);
  return tracked.parse(load(readFileSync(file, "utf8"))).config;
}

/** Host keys and an SSH key, as a lab's overlay brings them. */
export function cloudSecrets(substrate: string): RawConfig {
  const guests = ["router1", "router2", "client1", "client2"];
  return {
    [`${substrate}:hostKeys`]: Object.fromEntries(
      guests.map((guest) => [guest, generateHostKey().privateKey]),
    ),
    "substrate:sshKey": generateHostKey().privateKey,
  };
}

/** What is particular to one cloud. */
export type CloudParts<C> = {
  readonly name: string;
  readonly double: SubstrateDouble;
  readonly parse: (raw: RawConfig, origin: string) => C;
  readonly declare: (config: C, run: Run) => unknown;
  readonly plan: (config: C, sight: Sight, seen: Seen) => readonly Check[];
  /** The provider's configuration as the engine hands it over. */
  readonly login: (config: C) => Properties;
};

/** A provisioned substrate. */
export class Cloud<C> implements AsyncDisposable {
  readonly world: World;
  readonly session: ProviderSession;
  readonly running: RunningDouble;
  readonly raw: RawConfig;
  readonly things: Things;
  readonly run = newRun(new Date(), "run-test");
  /** The substrate that its flows lead to, in the same world. */
  readonly abroad: Substrate;
  readonly #parts: CloudParts<C>;
  readonly #closing: AsyncDisposableStack;
  readonly #undo: (() => void | Promise<void>)[] = [];

  private constructor(
    parts: CloudParts<C>,
    made: Pick<Cloud<C>, "world" | "session" | "running" | "raw" | "abroad">,
    closing: AsyncDisposableStack,
  ) {
    this.#parts = parts;
    this.world = made.world;
    this.session = made.session;
    this.running = made.running;
    this.raw = made.raw;
    this.abroad = made.abroad;
    this.things = new Map();
    this.#closing = closing;
  }

  static async start<C>(parts: CloudParts<C>, changes: RawConfig = {}): Promise<Cloud<C>> {
    await using starting = new AsyncDisposableStack();
    const world = new World();
    const running = starting.use(await parts.double.start(world));
    const key = generateHostKey();
    const jump = starting.use(await startJump(world, { authorizedKey: key.publicKey, ...running }));
    const raw = {
      ...{ ...trackedConfig(parts.name), ...running.overlay, "substrate:sshKey": key.privateKey },
      "substrate:jump": { host: "127.0.0.1", port: jump.port, user: "jump", hostKey: jump.hostKey },
      ...{ "substrate:connectTimeout": "5s", "substrate:bootDeadline": "2s" },
      ...changes,
    };
    const config = parts.parse(raw, "test");
    const session = parts.double.provider.configure(parts.login(config));
    const abroad = starting.use(await Substrate.start("lab", world));
    const cloud = new Cloud(parts, { world, session, running, raw, abroad }, starting.move());
    const things = await provisionBy(() => parts.declare(config, cloud.run), session);
    return Object.assign(cloud, { things });
  }

  /** The stack config, with other values for some keys. */
  config(changes: RawConfig = {}): C {
    return this.#parts.parse({ ...this.raw, ...changes }, "test");
  }

  /** A thing by its logical name. */
  thing(name: string) {
    const thing = this.things.get(name);
    if (thing === undefined) throw new TypeError(`${name} was not made`);
    return thing;
  }

  /** Runs the whole plan; answers by key: `pass: …`. What `instead` gives or throws takes the place of a function's answer. */
  async look(
    changes: RawConfig = {},
    edge: Sight["edge"] = (far) => this.abroad.edge(far),
    instead: (token: string, args: Properties) => { readonly answer: unknown } | undefined = () => undefined,
  ): Promise<Readonly<Record<string, string>>> {
    await using closing = new AsyncDisposableStack();
    const plan = this.#parts.plan(
      this.config(changes),
      {
        // As the engine passes on what a plugin says.
        invoke: async (token, args, signal) => {
          const other = instead(token, args);
          if (other !== undefined) return other.answer;
          return await this.session.invoke(token, args, signal).catch((error: unknown) => {
            throw new Unreadable("engine", String(error));
          });
        },
        run: this.run,
        idOf: (name) => this.things.get(name)?.id,
        ...{ hostKeys: believing, edge },
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

  /** Lets a prepared drift happen as the lab would, and gives the id of the check that must catch it. */
  async drift(name: string): Promise<string> {
    const { drifts } = await prepared([this.#parts.name]);
    const drift = drifts.find((one) => one.name === name);
    if (drift === undefined) throw new TypeError(`no drift ${name}`);
    const { change, check } = drift;
    if ("requests" in change)
      this.#undo.push(await this.running.meddle(change.requests, AbortSignal.timeout(patience)));
    else if ("guest" in change)
      this.#undo.push(meddle(this.world, `${this.#parts.name}/${change.guest}`, change.meddle));
    else if ("set" in change) await this.#set(change.set, change.value);
    else if ("delete" in change) await this.#delete(change.delete);
    return check;
  }

  /** Has a guest's metadata service answer so to everything. */
  answerMetadata(guest: string, answer: MetadataAnswer): void {
    const machine = [...this.world.machines.values()].find(
      ({ substrate, label }) => substrate === this.#parts.name && label === guest,
    );
    if (machine === undefined) throw new TypeError(`no machine ${guest}`);
    const { metadata } = machine;
    Object.assign(machine, { metadata: () => answer });
    this.#undo.push(() => void Object.assign(machine, { metadata }));
  }

  async #set(path: string, value: unknown): Promise<void> {
    const [name = "", ...rest] = path.split(".");
    const { type, id, ...olds } = this.thing(name);
    const resource = this.running.outsider.resource(type);
    const signal = AbortSignal.timeout(patience);
    const now = await resource.read(id, olds, signal);
    if (now === undefined) throw new TypeError(`${name} does not exist`);
    this.#undo.push(await this.running.capture(type, id));
    await resource.update(
      id,
      { olds: now.outputs, news: withProperty(now.inputs, rest.join("."), value) },
      signal,
    );
  }

  async #delete(name: string): Promise<void> {
    const { type, id, outputs } = this.thing(name);
    this.#undo.push(await this.running.capture(type, id));
    await this.running.outsider.resource(type).delete(id, outputs, AbortSignal.timeout(patience));
  }

  /** Puts what differs back to what is declared, as an update by the engine does; a thing that must be made anew is not. */
  async converge(): Promise<readonly string[]> {
    const changed: string[] = [];
    const signal = AbortSignal.timeout(patience);
    for (const [name, { type, id, ...olds }] of this.things) {
      const resource = this.session.resource(type);
      const now = await resource.read(id, olds, signal);
      if (now === undefined) await resource.create(olds.inputs, signal);
      else if (resource.diff(now, olds.inputs).length > 0)
        await resource.update(id, { olds: now.outputs, news: olds.inputs }, signal);
      else continue;
      changed.push(name);
    }
    // What was done is done with.
    this.#undo.splice(0);
    return changed;
  }

  /** Takes back all that was done. */
  async heal(): Promise<void> {
    await this.abroad.heal();
    for (const undo of this.#undo.splice(0).reverse()) await undo();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#closing.disposeAsync();
  }
}
