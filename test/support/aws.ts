// The lab's AWS substrate as its stack config has it, provisioned as its program declares it, without any engine.
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { keyOf } from "../../src/check/key.ts";
import { Unreadable } from "../../src/check/unreadable.ts";
import { newRun } from "../../src/environment/run.ts";
import type { RawConfig } from "../../src/environment/section.ts";
import { startJump } from "../../src/lab/guests.ts";
import { prepared } from "../../src/lab/lab.ts";
import { withProperty } from "../../src/lab/property.ts";
import { type AwsConfig, parseAws } from "../../src/substrates/aws/config.ts";
import { declareAws } from "../../src/substrates/aws/declare.ts";
import { awsDouble } from "../../src/substrates/aws/double/double.ts";
import { awsProvider } from "../../src/substrates/aws/double/provider.ts";
import { planAws } from "../../src/substrates/aws/plan.ts";
import type { ProviderSession, RunningDouble } from "../../src/substrates/double.ts";
import { Seen } from "../../src/substrates/seen.ts";
import { generateHostKey } from "../../src/world/hostkey.ts";
import { meddle } from "../../src/world/meddle.ts";
import { World } from "../../src/world/world.ts";
import { believing, runPlan } from "./checks.ts";
import { patience, provisionBy, type Things } from "./declared.ts";

const stackFile = new URL("../../stacks/Pulumi.lab-aws.yaml", import.meta.url);
const tracked = z.object({ config: z.record(z.string(), z.unknown()) });

/** The lab's stack config as it is tracked, without what a running lab lays over it. */
export function awsConfig(): RawConfig {
  return tracked.parse(parse(readFileSync(stackFile, "utf8"))).config;
}

/** Host keys and an SSH key, as a lab's overlay brings them. */
export function awsSecrets(): RawConfig {
  const guests = ["router1", "router2", "client1", "client2"];
  return {
    "aws:hostKeys": Object.fromEntries(guests.map((guest) => [guest, generateHostKey().privateKey])),
    "substrate:sshKey": generateHostKey().privateKey,
  };
}

/** A provisioned substrate. */
export class Aws implements AsyncDisposable {
  readonly world: World;
  readonly session: ProviderSession;
  readonly running: RunningDouble;
  readonly raw: RawConfig;
  readonly things: Things;
  readonly run = newRun(new Date(), "run-test");
  readonly #closing: AsyncDisposableStack;
  readonly #undo: (() => void | Promise<void>)[] = [];

  private constructor(
    parts: Pick<Aws, "world" | "session" | "running" | "raw">,
    closing: AsyncDisposableStack,
  ) {
    this.world = parts.world;
    this.session = parts.session;
    this.running = parts.running;
    this.raw = parts.raw;
    this.things = new Map();
    this.#closing = closing;
  }

  static async start(): Promise<Aws> {
    await using starting = new AsyncDisposableStack();
    const world = new World();
    const running = starting.use(await awsDouble.start(world));
    const key = generateHostKey();
    const jump = starting.use(await startJump(world, { authorizedKey: key.publicKey, ...running }));
    const raw = {
      ...{ ...awsConfig(), ...running.overlay, "substrate:sshKey": key.privateKey },
      "substrate:jump": { host: "127.0.0.1", port: jump.port, user: "jump", hostKey: jump.hostKey },
      ...{ "substrate:connectTimeout": "5s", "substrate:bootDeadline": "2s" },
    };
    const config = parseAws(raw, "test");
    const session = awsProvider.configure({
      ...{ accessKey: config.accessKey, secretKey: config.secretKey?.reveal(), region: config.region },
      allowedAccountIds: JSON.stringify([config.account]),
    });
    const aws = new Aws({ world, session, running, raw }, starting.move());
    const made = await provisionBy(() => declareAws(config, aws.run), session);
    return Object.assign(aws, { things: made });
  }

  /** The stack config, with other values for some keys. */
  config(changes: RawConfig = {}): AwsConfig {
    return parseAws({ ...this.raw, ...changes }, "test");
  }

  /** A thing by its logical name. */
  thing(name: string) {
    const thing = this.things.get(name);
    if (thing === undefined) throw new TypeError(`${name} was not made`);
    return thing;
  }

  /** Runs the whole plan; answers by key: `pass: …`. */
  async look(changes: RawConfig = {}): Promise<Readonly<Record<string, string>>> {
    await using closing = new AsyncDisposableStack();
    const plan = planAws(
      this.config(changes),
      {
        // As the engine passes on what a plugin says.
        invoke: (token, args, signal) =>
          this.session.invoke(token, args, signal).catch((error: unknown) => {
            throw new Unreadable("engine", String(error));
          }),
        run: this.run,
        idOf: (name) => this.things.get(name)?.id,
        hostKeys: believing,
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
    const { drifts } = await prepared(["aws"]);
    const drift = drifts.find((one) => one.name === name);
    if (drift === undefined) throw new TypeError(`no drift ${name}`);
    const { change, check } = drift;
    if ("requests" in change)
      this.#undo.push(await this.running.meddle(change.requests, AbortSignal.timeout(patience)));
    else if ("guest" in change) this.#undo.push(meddle(this.world, `aws/${change.guest}`, change.meddle));
    else if ("set" in change) await this.#set(change.set, change.value);
    else if ("delete" in change) await this.#delete(change.delete);
    return check;
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

  /** Takes back all that was done. */
  async heal(): Promise<void> {
    this.world.heal();
    for (const undo of this.#undo.splice(0).reverse()) await undo();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#closing.disposeAsync();
  }
}
