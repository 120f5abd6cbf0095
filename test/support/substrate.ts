// A provisioned PVE substrate without the engine: the double, the way in, and what the stack config declares, made.
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import { keyOf } from "../../src/check/key.ts";
import { startJump } from "../../src/lab/guests.ts";
import type { Properties, ResourceState, RunningDouble } from "../../src/substrates/double.ts";
import { type PveConfig, parsePve } from "../../src/substrates/pve/config.ts";
import { pveDouble } from "../../src/substrates/pve/double/double.ts";
import { planPve } from "../../src/substrates/pve/plan.ts";
import { Seen } from "../../src/substrates/pve/seen.ts";
import { generateHostKey } from "../../src/world/hostkey.ts";
import { type Meddling, meddle } from "../../src/world/meddle.ts";
import { World } from "../../src/world/world.ts";
import { runPlan } from "./checks.ts";

const file = new URL("../../stacks/Pulumi.lab-pve.yaml", import.meta.url);
const stack = z.object({ config: z.record(z.string(), z.unknown()) });

type Changes = Readonly<Record<string, unknown>>;

type Thing = ResourceState & { readonly type: string; readonly inputs: Properties };

export class Substrate implements AsyncDisposable {
  readonly world: World;
  readonly running: RunningDouble;
  readonly #raw: Changes;
  readonly #closing: AsyncDisposableStack;
  readonly #made = new Map<string, Thing>();
  readonly #undo: (() => void | Promise<void>)[] = [];

  constructor(world: World, running: RunningDouble, parts: { raw: Changes; closing: AsyncDisposableStack }) {
    this.world = world;
    this.running = running;
    this.#raw = parts.raw;
    this.#closing = parts.closing;
  }

  static async start(): Promise<Substrate> {
    await using starting = new AsyncDisposableStack();
    const world = new World();
    const running = starting.use(await pveDouble.start(world));
    const key = generateHostKey();
    const jump = starting.use(await startJump(world, { authorizedKey: key.publicKey, ...running }));
    const { config } = stack.parse(parse(await readFile(file, "utf8")));
    const raw = {
      ...{ ...config, ...running.overlay, "substrate:sshKey": key.privateKey },
      "substrate:jump": { host: "127.0.0.1", port: jump.port, user: "jump", hostKey: jump.hostKey },
      "substrate:connectTimeout": "10s",
      "substrate:bootDeadline": "3s",
    };
    const substrate = new Substrate(world, running, { raw, closing: starting.move() });
    await substrate.#provision(key.publicKey);
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
    const plan = planPve(this.config(changes), { invoke, debug: () => undefined, closing }, new Seen());
    const { answers } = await runPlan(plan);
    return Object.fromEntries(
      answers.map(({ check, result, summary }) => [keyOf(check), `${result}: ${summary}`]),
    );
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

  /** Makes what the program declares (src/substrates/pve/declare.ts), as far as guests need it to live. */
  async #provision(publicKey: string): Promise<void> {
    const { bridges, image, template, guests, ...config } = this.config();
    const make = async (name: string, kind: string, inputs: Properties) => {
      const type = `proxmoxve:${kind}`;
      const resource = this.running.outsider.resource(type);
      const checked = resource.check(inputs);
      const made = await resource.create(checked, AbortSignal.timeout(30_000));
      this.#made.set(name, { ...made, type, inputs: checked });
      return made.id;
    };
    for (const { name, node, iface, ports, vids, mtu, adopt } of bridges)
      if (adopt === undefined)
        await make(name, "network/linux/bridge:Bridge", {
          ...{ nodeName: node, name: iface, ports, vids, mtu, vlanAware: true, autostart: true },
        });
    const downloaded = await make("image", "download/file:File", {
      ...{ nodeName: image.node, datastoreId: image.datastore, contentType: "import", fileName: image.file },
      ...{ url: image.url, checksum: image.sha256, checksumAlgorithm: "sha256", overwrite: false },
    });
    const always = { cdrom: { fileId: "none" }, agent: { enabled: true, waitForIp: { disabled: true } } };
    await make("template", "index/vmLegacy:VmLegacy", {
      ...always,
      ...{
        nodeName: template.node,
        vmId: template.vmId,
        name: "routerd-template",
        template: true,
        started: false,
      },
      disks: [
        { interface: "scsi0", datastoreId: config.datastore, importFrom: downloaded, size: template.disk },
      ],
    });
    for (const guest of guests) {
      await make(guest.name, "index/vmLegacy:VmLegacy", {
        ...always,
        ...{ nodeName: guest.node, vmId: guest.vmId, name: guest.name, started: true, disks: [] },
        clone: { vmId: template.vmId, nodeName: template.node, full: true },
        networkDevices: guest.nics.map(({ bridge, vlan, firewall }) => ({
          ...{ bridge: bridge.iface, vlanId: vlan, firewall },
        })),
        initialization: {
          ...{ datastoreId: config.datastore, type: "nocloud", interface: "ide2" },
          userAccount: { username: config.user, keys: [publicKey] },
          ipConfigs: guest.nics.map(({ address, gateway }) => ({
            ipv4: { address, ...(gateway !== undefined && { gateway }) },
          })),
          dns: { domain: config.domain, servers: config.nameservers },
        },
      });
      const where = { nodeName: guest.node, vmId: guest.vmId };
      await make(`${guest.name}-firewall`, "firewall/optionsLegacy:OptionsLegacy", {
        ...{ ...where, enabled: true, inputPolicy: config.firewall.input, outputPolicy: "ACCEPT" },
      });
      await make(`${guest.name}-rules`, "firewall/rulesLegacy:RulesLegacy", {
        ...where,
        rules: config.firewall.rules.map((rule) => ({ type: "in", enabled: true, ...rule })),
      });
    }
  }
}
