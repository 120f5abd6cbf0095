// `npm run lab -- …`: brings the lab up and down, and changes or breaks it by name.
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { z } from "zod";
import { ensureEngine } from "../engine/install.ts";
import { duration } from "../environment/duration.ts";
import { Problem } from "../environment/problem.ts";
import { stackOf } from "../environment/stack.ts";
import { ask, launch, running, shutDown } from "../lab/client.ts";
import { findThing } from "../lab/declared.ts";
import { environment, Home, type Ticket } from "../lab/home.ts";
import { type Listed, prepared } from "../lab/lab.ts";
import type { PreparedDrift } from "../substrates/double.ts";
import { substrateNames } from "../substrates/index.ts";
import { interruptible } from "./interrupt.ts";
import { runCommand } from "./run.ts";

const project = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const home = new Home(resolve(process.env["SUBSTRATE_LAB"] ?? join(project, ".lab")));

const usage = `Usage: npm run lab -- <command>

  up [--real-plugin]         start the lab; without the stand-in for the engine's plugin if so asked
  status [--json]            what runs in it, what is broken, who changed how much
  env                        what a shell must export: eval "$(npm run -s lab -- env)"
  drift --list [--json]      prepared drifts and the check that must catch each
  drift <name>               change the world behind the engine's back
  drift set <substrate>/<logical-name>.<property.path>=<json>
  drift delete <substrate>/<logical-name>
  fault --list [--json]      prepared faults and the check that shows each
  fault <name> [--for 10s]   break a far end
  heal                       undo all drifts, faults and latency
  latency <ms>               delay every far end's answers
  down                       end the lab and remove its folder
`;

const commands: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  up,
  status: async (args) => show(await ask(home, { do: "status" }), args),
  env: async () => print(exportsOf(await ticket())),
  drift,
  fault,
  heal: async () => void (await ask(home, { do: "heal" })),
  latency: async ([ms = ""]) =>
    void (await ask(home, { do: "latency", ms: parse(z.coerce.number().int().min(0), ms, "milliseconds") })),
  down: () => shutDown(home),
};

await runCommand(async () => {
  const [name = "", ...args] = process.argv.slice(2);
  if (["", "help", "--help", "-h"].includes(name)) print(usage.trimEnd());
  else if (Object.hasOwn(commands, name)) await commands[name]?.(args);
  else
    throw new Problem({
      subject: `lab ${name}`,
      expected: Object.keys(commands).join(", "),
      remedy: "see `npm run lab -- --help`",
    });
  return 0;
});

async function up(args: readonly string[]): Promise<void> {
  using interrupt = interruptible(15 * 60_000, false);
  const engine = await ensureEngine(interrupt.tell, interrupt.signal);
  const already = await running(home);
  const started =
    already ?? (await launch(home, args.includes("--real-plugin") ? "real-plugins" : "doubles"));
  if (already === undefined)
    for (const substrate of substrateNames) await createStack(engine, started, substrate);
  print(
    `${already === undefined ? "the lab is up" : "the lab was up already"}; eval "$(npm run -s lab -- env)" makes this shell use it`,
  );
}

async function createStack(engine: string, started: Ticket, substrate: string): Promise<void> {
  const stack = stackOf({ environment, substrate });
  await execa(engine, ["stack", "init", stack, "--no-select"], {
    cwd: project,
    env: home.variables(started),
    stdin: "ignore",
  });
}

async function drift(args: readonly string[]): Promise<void> {
  const [verb = "", what = ""] = args;
  const { drifts } = await prepared(substrateNames);
  if (verb === "--list") return list(drifts, args);
  if (verb === "set" || verb === "delete") return meddle(changeOf(verb, what));
  const chosen = find(drifts, verb);
  return meddle({ substrate: chosen.substrate, ...chosen.change });
}

async function fault(args: readonly string[]): Promise<void> {
  const { faults } = await prepared(substrateNames);
  if (args.includes("--list")) return list(faults, args);
  const chosen = find(faults, args[0] ?? "");
  const time = args.indexOf("--for");
  const forMs = time === -1 ? undefined : parse(duration, args[time + 1] ?? "", "a duration such as 10s");
  await ask(home, { do: "break", fault: chosen.breaks, forMs });
}

type Change = { readonly substrate: string } & PreparedDrift["change"];

/** `<substrate>/client1.agent.enabled=false`, or `<substrate>/client1` */
function changeOf(verb: "set" | "delete", what: string): Change {
  const match = /^([a-z]+)\/([^=]+)(?:=(.*))?$/s.exec(what);
  const [, substrate = "", path = "", json] = match ?? [];
  if (verb === "delete" && json === undefined && path !== "") return { substrate, delete: path };
  if (verb === "set" && json !== undefined && path.includes("."))
    return { substrate, set: path, value: parse(z.string().transform(parseJson), json, "JSON") };
  throw new Problem({
    subject: `lab drift ${verb} ${what}`,
    expected: "<substrate>/<logical-name>…",
    remedy: "see `npm run lab -- --help`",
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Problem({ subject: text, expected: "JSON", remedy: "quote strings: '\"text\"'" }, { cause });
  }
}

/** Finds what a change is about in the lab's checkpoint, and has the lab do it. */
async function meddle(change: Change): Promise<void> {
  const engine = await ensureEngine(() => undefined, AbortSignal.timeout(60_000));
  const [name = "", ...path] = ("set" in change ? change.set : change.delete).split(".");
  const stack = stackOf({ environment, substrate: change.substrate });
  const thing = await findThing({ engine, project, stack, name }, home.variables(await ticket()));
  const set = "set" in change ? { path: path.join("."), value: change.value } : undefined;
  await ask(home, { do: "meddle", substrate: change.substrate, ...thing, set });
}

async function ticket(): Promise<Ticket> {
  const found = await running(home);
  if (found !== undefined) return found;
  throw new Problem({
    subject: "lab",
    expected: "a running lab",
    remedy: "start it with `npm run lab -- up`",
  });
}

function exportsOf(found: Ticket): string {
  const quoted = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`;
  return Object.entries(home.variables(found))
    .map(([key, value]) => `export ${key}=${quoted(value)}`)
    .join("\n");
}

function list(
  items: readonly Listed<{ readonly name: string; readonly check: string; readonly summary: string }>[],
  args: readonly string[],
): void {
  if (args.includes("--json"))
    return print(JSON.stringify(items.map(({ name, substrate, check }) => ({ name, substrate, check }))));
  for (const { name, substrate, check, summary } of items)
    print(`${name.padEnd(24)} ${substrate.padEnd(6)} ${check.padEnd(22)} ${summary}`);
}

function show(found: Awaited<ReturnType<typeof ask>>, args: readonly string[]): void {
  if (args.includes("--json")) return print(JSON.stringify(found));
  print(`machines: ${found.machines.join(", ") || "none"}`);
  print(`broken:   ${found.faults.join(", ") || "nothing"}; latency ${found.latency} ms`);
  for (const [principal, count] of Object.entries(found.effects)) print(`changes:  ${count} by ${principal}`);
}

function find<T extends { readonly name: string }>(items: readonly T[], wanted: string): T {
  const found = items.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  throw new Problem({
    subject: JSON.stringify(wanted),
    expected: items.map(({ name }) => name).join(", "),
    remedy: "name one of these",
  });
}

function parse<M extends z.ZodType>(model: M, text: string, expected: string): z.infer<M> {
  const parsed = model.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new Problem({ subject: JSON.stringify(text), expected, remedy: "see `npm run lab -- --help`" });
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
