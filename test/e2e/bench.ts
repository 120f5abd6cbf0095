// A provisioned lab of its own for one test file, driven through the commands that people use.
import { createHash } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { z } from "zod";
import { Home } from "../../src/lab/home.ts";
import { type Manifest, manifest as manifestModel } from "../../src/manifest/model.ts";
import { engineFolder } from "../../src/pulumi/folder.ts";
import { type QualificationResult, qualificationResult } from "../../src/qualification/result.ts";

export const project = fileURLToPath(new URL("../..", import.meta.url));

/** What a command came to. */
export type Ran = { readonly exit: number | undefined; readonly stdout: string; readonly stderr: string };

/** A certification: what the command came to, and the manifest it wrote, if any. */
export type Certified = Ran & { readonly manifest: Manifest | undefined };

/** A qualification: what the command came to, and the result it wrote, if any. */
export type Qualified = Ran & { readonly result: QualificationResult | undefined };

/** Writes entries to a ledger, as a process of its own. */
export const recorder = join(project, "test/fixtures/programs/record.ts");

const status = z.object({ effects: z.record(z.string(), z.number()), machines: z.array(z.string()) });
const listed = z.array(z.object({ name: z.string(), substrate: z.string(), check: z.string() }));

type Start = {
  readonly provision: boolean;
  readonly up?: readonly string[];
  readonly signal?: AbortSignal;
  /** Where its folder is; that for temporary files, unless said otherwise. */
  readonly within?: string;
};

export class Bench implements AsyncDisposable {
  readonly folder: string;
  readonly home: Home;
  /** Everything that any command has said so far, manifests included. */
  readonly said: string[];
  #env: Readonly<Record<string, string>>;
  /** Where the commands are run: this project, or another checkout of it. */
  #checkout = project;
  /** Ends what runs, and lets nothing more begin. */
  #signal: AbortSignal | undefined;

  private constructor(folder: string, said: string[] = []) {
    this.folder = folder;
    this.said = said;
    this.home = new Home(join(folder, "lab"));
    this.#env = {
      SUBSTRATE_LAB: this.home.path,
      // As the commands' entry points do; the lab's own and the engine's programs compile nothing twice then.
      NODE_COMPILE_CACHE: join(project, "node_modules/.cache/compiled"),
      PATH: `${dirname(process.execPath)}:${engineFolder()}:${process.env.PATH}`,
    };
  }

  /** Starts a lab; `provision` brings its stacks up as an engineer would, and has its host keys recorded. */
  static async start({ provision, up = [], signal, within = tmpdir() }: Start): Promise<Bench> {
    const bench = new Bench(await mkdtemp(join(within, "bench-")));
    bench.#signal = signal;
    try {
      await bench.lab("up", ...up);
      const ticket = await bench.home.readTicket();
      if (ticket === undefined) throw new Error(`the lab did not start: ${bench.said.join("\n")}`);
      bench.#env = { ...bench.#env, ...bench.home.variables(ticket) };
      if (provision) {
        await bench.pulumi("up", "--yes", "--skip-preview", "-s", "lab-pve");
        const first = await bench.certify("--repair");
        if (first.exit !== 0) throw new Error(`the lab is not healthy: ${first.stdout}`);
      }
      return bench;
    } catch (error) {
      await bench[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The same lab, met with other variables. */
  with(env: Readonly<Record<string, string>>): Bench {
    const other = new Bench(this.folder, this.said);
    other.#env = { ...this.#env, ...env };
    other.#checkout = this.#checkout;
    other.#signal = this.#signal;
    return other;
  }

  /** The same lab, met from another checkout of the project: a copy, whose files can be changed. */
  async elsewhere(): Promise<{ readonly bench: Bench; readonly checkout: string }> {
    const other = this.with({});
    other.#checkout = join(this.folder, "checkout");
    await checkOut(other.#checkout);
    return { bench: other, checkout: other.#checkout };
  }

  get env(): Readonly<Record<string, string>> {
    return this.#env;
  }

  /** `npm run lab -- …`, which must succeed. */
  async lab(...args: string[]): Promise<string> {
    return succeeded(await this.#run(process.execPath, ["src/cli/lab.ts", ...args]));
  }

  /** `npx pulumi …`, which must succeed. */
  async pulumi(...args: string[]): Promise<string> {
    return succeeded(await this.tryPulumi(...args));
  }

  /** `npx pulumi …`, whatever comes of it. */
  tryPulumi(...args: string[]): Promise<Ran> {
    return this.#run(join(engineFolder(), "pulumi"), args, false);
  }

  /** Writes to the ledger of the lab, as the commands do. */
  async record(entries: Readonly<Record<string, unknown>>): Promise<void> {
    succeeded(await this.#run(process.execPath, [recorder, "lab", JSON.stringify(entries)], false));
  }

  /** Certifies the lab. */
  async certify(...args: string[]): Promise<Certified> {
    const out = this.manifest;
    await rm(out, { force: true });
    const given = ["--environment", "lab", "--topology", "sam-full", "--out", out, ...args];
    const ran = await this.script(given);
    const text = await readFile(out, "utf8").catch(() => undefined);
    if (text !== undefined) this.said.push(text);
    return { ...ran, manifest: text === undefined ? undefined : manifestModel.parse(JSON.parse(text)) };
  }

  /** Certifies the lab's clouds. */
  async certifyClouds(...args: string[]): Promise<Certified> {
    const out = this.cloudManifest;
    await rm(out, { force: true });
    const given = ["--environment", "lab", "--topology", "sam-full", "--out", out, ...args];
    const ran = await this.#run("scripts/certify-cloud-substrate.sh", given);
    const text = await readFile(out, "utf8").catch(() => undefined);
    if (text !== undefined) this.said.push(text);
    return { ...ran, manifest: text === undefined ? undefined : manifestModel.parse(JSON.parse(text)) };
  }

  /** Runs the contract's command with just these arguments. */
  script(args: string[]): Promise<Ran> {
    return this.#run("scripts/certify-pve-substrate.sh", args);
  }

  /** Asks the gate whether a qualification of the lab's PVE may start. */
  preflight(certification: string, ...args: string[]): Promise<Ran> {
    return this.gate("--providers", "pve", "--certification", certification, ...args);
  }

  /** Asks the gate whether a qualification of the lab may start. */
  gate(...args: string[]): Promise<Ran> {
    const asked = ["--environment", "lab", "--topology", "sam-full", ...args];
    return this.#run("scripts/release-environment-preflight.sh", asked);
  }

  /** Qualifies a release of the lab by the certification that {@link certify} wrote last. */
  async qualify(...args: string[]): Promise<Qualified> {
    await rm(this.result, { force: true });
    const ran = await this.#run("scripts/release-qualification-smoke.sh", this.qualification(...args));
    const text = await readFile(this.result, "utf8").catch(() => undefined);
    if (text !== undefined) this.said.push(text);
    const result = text === undefined ? undefined : qualificationResult.parse(JSON.parse(text));
    return { ...ran, result };
  }

  /** What a qualification is asked; its heart beats as fast as it can, unless said otherwise. */
  qualification(...args: string[]): string[] {
    const files = ["--certification", this.manifest, "--out", this.result, "--evidence-dir", this.evidence];
    const heartbeat = args.includes("--heartbeat") ? [] : ["--heartbeat", "2s"];
    return [...files, "--release", "v1.2.3", "--patience", "1s", ...heartbeat, ...args];
  }

  /** Where {@link qualify} writes, and where its commands log. */
  get result(): string {
    return join(this.folder, "result.json");
  }

  get evidence(): string {
    return join(this.folder, "evidence");
  }

  /** `npm run status -- …`, which must succeed. */
  async status(): Promise<string> {
    return succeeded(await this.#run(process.execPath, ["src/cli/status.ts", "--environment", "lab"]));
  }

  /** `npm run teardown -- …` */
  teardown(...args: string[]): Promise<Ran> {
    return this.#run(process.execPath, ["src/cli/teardown.ts", "--environment", "lab", ...args]);
  }

  /** `npm run certify:ci -- …` */
  certifyInCi(...args: string[]): Promise<Ran> {
    const given = ["--environment", "lab", "--topology", "sam-full", ...args];
    return this.#run(process.execPath, ["src/cli/ci.ts", ...given]);
  }

  /** Where {@link certify} writes. */
  get manifest(): string {
    return join(this.folder, "out.manifest.json");
  }

  /** Where {@link certifyClouds} writes. */
  get cloudManifest(): string {
    return join(this.folder, "clouds.manifest.json");
  }

  /** Starts a certification without waiting for it. */
  begin(out: string, ...args: string[]) {
    const given = ["--environment", "lab", "--topology", "sam-full", "--out", out, ...args];
    return execa("scripts/certify-pve-substrate.sh", given, {
      cwd: project,
      env: this.#env,
      reject: false,
      all: true,
    });
  }

  /** How often the certifier's own principal has changed anything. */
  async effects(): Promise<number> {
    const { effects } = status.parse(JSON.parse(await this.lab("status", "--json")));
    return effects["certifier@pve!lab"] ?? 0;
  }

  /** How often anybody but an outsider has changed anything. */
  async cloudEffects(): Promise<number> {
    const { effects } = status.parse(JSON.parse(await this.lab("status", "--json")));
    return Object.values(effects).reduce((sum, count) => sum + count, 0);
  }

  async machines(): Promise<string[]> {
    return status.parse(JSON.parse(await this.lab("status", "--json"))).machines;
  }

  async listed(kind: "drift" | "fault", substrate = "pve") {
    const all = listed.parse(JSON.parse(await this.lab(kind, "--list", "--json")));
    return all.filter((each) => each.substrate === substrate);
  }

  /** A digest over every file of the backend, checkpoint, history and locks; or only those with a word in their path. */
  async backend(about = ""): Promise<string> {
    const entries = await readdir(this.home.backend, { recursive: true, withFileTypes: true });
    const hash = createHash("sha256");
    const files = entries.filter((each) => each.isFile() && key(each).includes(about));
    for (const entry of files.sort((a, b) => (key(a) < key(b) ? -1 : 1)))
      hash.update(key(entry)).update(await readFile(key(entry)));
    return hash.digest("hex");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal = undefined;
    await this.#run(process.execPath, ["src/cli/lab.ts", "down"]);
    await rm(this.folder, { recursive: true, force: true });
  }

  async #run(program: string, args: string[], heard = true): Promise<Ran> {
    this.#signal?.throwIfAborted();
    const result = await execa(program, args, {
      cwd: this.#checkout,
      env: this.#env,
      reject: false,
      stdin: "ignore",
      ...(this.#signal === undefined ? {} : { cancelSignal: this.#signal }),
    });
    this.#signal?.throwIfAborted();
    const ran = { exit: result.exitCode, stdout: String(result.stdout), stderr: String(result.stderr) };
    if (heard) this.said.push(ran.stdout, ran.stderr);
    return ran;
  }
}

/** Makes another checkout of the project: what programs and commands need, with this project's packages. */
export async function checkOut(folder: string): Promise<void> {
  for (const part of [
    "src",
    "policy",
    "scripts",
    "stacks",
    "Pulumi.yaml",
    "package.json",
    "package-lock.json",
  ])
    await cp(join(project, part), join(folder, part), { recursive: true });
  await symlink(join(project, "node_modules"), join(folder, "node_modules"));
}

function key(entry: { parentPath: string; name: string }): string {
  return join(entry.parentPath, entry.name);
}

function succeeded({ exit, stdout, stderr }: Ran): string {
  if (exit === 0) return stdout;
  throw new Error(`exit ${exit}\n${stdout}\n${stderr}`);
}

const outputs = z.object({ freeze: z.object({ runId: z.string() }).nullable().default(null) });

/** The run whose freeze the ledger has; none: nobody's. */
export async function frozenBy(bench: Bench): Promise<string | undefined> {
  const text = await bench.pulumi("stack", "output", "--json", "-s", "lab-ledger");
  return outputs.parse(JSON.parse(text)).freeze?.runId;
}

/** The results of one check, by target. */
export function resultsOf(manifest: Manifest | undefined, check: string): Readonly<Record<string, string>> {
  const own = manifest?.checks.filter(({ name }) => name === check) ?? [];
  return Object.fromEntries(own.map(({ target, result }) => [target ?? "", result]));
}
