// `npm run lab -- …`: brings the lab up and down, and passes on what is to be changed or broken in it.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ensureEngine } from "../engine/install.ts";
import { Problem } from "../environment/problem.ts";
import { configFile, ledgerOf, stackOf } from "../environment/stack.ts";
import { ask, launch, running, shutDown } from "../lab/client.ts";
import { environments, type Ticket } from "../lab/home.ts";
import { type Asking, command as askEngine } from "../pulumi/command.ts";
import { substrateNames } from "../substrates/index.ts";
import { drift, fault } from "./drift.ts";
import { interruptible } from "./interrupt.ts";
import { home, parse, print, project, ticket } from "./labs.ts";
import { complain, runCommand } from "./run.ts";

const usage = `Usage: npm run lab -- <command>

  up [--real-plugin]         start the lab; without the stand-in for the engine's plugin if so asked
  status [--json]            what runs in it, what is broken, who changed how much
  env [--read-only]          what a shell must export: eval "$(npm run -s lab -- env)"; with a token that only looks
  drift --list [--json]      prepared drifts and the check that must catch each
  drift <name>               change the world behind the engine's back
  drift set <substrate>/<logical-name>.<property.path>=<json>
  drift delete <substrate>/<logical-name>
  fault --list [--json]      prepared faults and the check that shows each
  fault <name> [--for 10s]   break a far end
  heal                       undo all drifts, faults and latency
  latency <ms>               delay every far end's answers
  down                       end the lab and remove its folder`;

const commands: Readonly<Record<string, (args: readonly string[]) => Promise<unknown>>> = {
  up,
  status,
  env: async (args) => print(exportsOf(await ticket(), args.includes("--read-only"))),
  drift,
  fault,
  heal: () => ask(home, { do: "heal" }),
  latency: ([ms = ""]) =>
    ask(home, { do: "latency", ms: parse(z.coerce.number().int().min(0), ms, "milliseconds") }),
  down: () => shutDown(home),
};

await runCommand(async () => {
  const [name = "--help", ...args] = process.argv.slice(2);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command !== undefined) await command(args);
  else if (["--help", "-h"].includes(name)) print(usage);
  else
    throw new Problem({
      subject: `lab ${name}`,
      expected: `one of ${Object.keys(commands).join(", ")}`,
      remedy: "see `npm run lab -- --help`",
    });
  return 0;
});

async function up(args: readonly string[]): Promise<void> {
  using interrupt = interruptible({
    deadline: 60 * 60_000,
    cost: "the lab may be half up; `npm run lab -- down` removes it",
    tell: complain,
  });
  const engine = await ensureEngine(complain, interrupt.signal);
  const already = await running(home);
  if (already === undefined) {
    const started = await launch(home, args.includes("--real-plugin") ? "real-plugins" : "doubles");
    const asking = { engine, project, signal: interrupt.signal, env: home.variables(started) };
    for (const stack of stacks()) await createStack(stack, asking);
  }
  const state = already === undefined ? "the lab is up" : "the lab was up already";
  print(`${state}; eval "$(npm run -s lab -- env)" makes this shell use it`);
}

/** Every stack of the lab's environments that there is config for. */
function stacks(): readonly string[] {
  const all = environments.flatMap((environment) => [
    ...substrateNames.map((substrate) => stackOf({ environment, substrate })),
    ledgerOf(environment),
  ]);
  return all.filter((stack) => existsSync(join(project, configFile(stack))));
}

/** So that plain `npx pulumi up -s …` finds its stack. */
async function createStack(stack: string, asking: Asking): Promise<void> {
  const { exitCode, stderr } = await askEngine(["stack", "init", stack, "--no-select"], asking);
  if (exitCode === 0) return;
  throw new Problem({
    subject: `stack ${stack}`,
    expected: "that the engine makes it",
    actual: stderr.trim().split("\n")[0] ?? "",
    remedy: "run `npm run lab -- down`, then `up` again",
  });
}

async function status(args: readonly string[]): Promise<void> {
  const found = await ask(home, { do: "status" });
  if (args.includes("--json")) print(JSON.stringify(found));
  else {
    print(`machines: ${found.machines.join(", ") || "none"}`);
    print(`broken:   ${found.faults.join(", ") || "nothing"}; latency ${found.latency} ms`);
    for (const [principal, count] of Object.entries(found.effects))
      print(`changes:  ${count} by ${principal}`);
  }
}

function exportsOf(found: Ticket, readOnly: boolean): string {
  const quoted = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`;
  const variables = Object.entries(home.variables(found, readOnly));
  return variables.map(([key, value]) => `export ${key}=${quoted(value)}`).join("\n");
}
