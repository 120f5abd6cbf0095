// `lab drift …`, `lab fault …` and `lab inside …`: names what is to happen to the world, and has the lab do it.
import { z } from "zod";
import { ensureEngine } from "../engine/install.ts";
import { duration } from "../environment/duration.ts";
import { Problem } from "../environment/problem.ts";
import { stackOf } from "../environment/stack.ts";
import { ask } from "../lab/client.ts";
import { findThing } from "../lab/declared.ts";
import { environment } from "../lab/home.ts";
import { type Listed, prepared } from "../lab/lab.ts";
import type { DeclaredChange } from "../substrates/double.ts";
import { substrateNames } from "../substrates/index.ts";
import { meddlings } from "../world/meddle.ts";
import { home, parse, print, project, ticket } from "./labs.ts";
import { complain } from "./run.ts";

/** Changes the world behind the engine's back, or lists the prepared ways to. */
export async function drift([verb = "--list", what = "", ...rest]: readonly string[]): Promise<void> {
  const { drifts } = await prepared(substrateNames);
  if (verb === "--list") list(drifts, [what, ...rest]);
  else if (verb === "set" || verb === "delete") await meddle(changeOf(verb, what));
  else {
    const { substrate, change } = find(drifts, verb);
    if ("requests" in change) await ask(home, { do: "send", substrate, requests: [...change.requests] });
    else if ("meddle" in change) await ask(home, { do: "tamper", substrate, change });
    else await meddle({ substrate, ...change });
  }
}

/** Breaks a far end, or lists the prepared ways to. */
export async function fault([name = "--list", ...rest]: readonly string[]): Promise<void> {
  const { faults } = await prepared(substrateNames);
  if (name === "--list") return list(faults, rest);
  const [flag, time = ""] = rest;
  const forMs = flag === "--for" ? parse(duration, time, "a duration such as 10s") : undefined;
  await ask(home, { do: "break", fault: find(faults, name).breaks, forMs });
}

/** Changes something inside a guest, whatever it is for; prepared drifts are those that a certification must catch. */
export async function inside([where = "--list", what = ""]: readonly string[]): Promise<void> {
  if (where === "--list") return print(meddlings.join("\n"));
  const [, substrate = "", guest = ""] =
    parse(z.string().regex(place), where, "<substrate>/<guest>").match(place) ?? [];
  const meddle = parse(z.enum(meddlings), what, `one of ${meddlings.join(", ")}`);
  await ask(home, { do: "tamper", substrate, change: { guest, meddle } });
}

const place = /^([a-z]+)\/([a-z0-9-]+)$/;

type Change = { readonly substrate: string } & DeclaredChange;

/** `<substrate>/client1.agent.enabled=false`, or `<substrate>/client1` */
function changeOf(verb: "set" | "delete", what: string): Change {
  const [, substrate = "", path = "", json] = /^([a-z]+)\/([^=]+)(?:=(.*))?$/s.exec(what) ?? [];
  if (verb === "delete" && json === undefined && path !== "") return { substrate, delete: path };
  if (verb === "set" && json !== undefined && path.includes("."))
    return { substrate, set: path, value: parse(z.string().transform(parseJson), json, "JSON") };
  throw new Problem({
    subject: `lab drift ${verb} ${what}`,
    expected: "<substrate>/<logical-name>…",
    remedy: "see `npm run lab -- --help`",
  });
}

function parseJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: "custom", message: "JSON" });
    return z.NEVER;
  }
}

/** Finds what a change is about in the lab's checkpoint, and has the lab do it. */
async function meddle(change: Change): Promise<void> {
  const signal = AbortSignal.timeout(60_000);
  const engine = await ensureEngine(complain, signal);
  const [name = "", ...path] = ("set" in change ? change.set : change.delete).split(".");
  const stack = stackOf({ environment, substrate: change.substrate });
  const env = home.variables(await ticket());
  const { type, id, inputs, outputs } = await findThing(stack, name, { engine, project, signal, env });
  const set = "set" in change ? { path: path.join("."), value: change.value } : undefined;
  await ask(home, { do: "meddle", substrate: change.substrate, type, id, inputs, outputs, set });
}

type Item = Listed<{ readonly name: string; readonly check: string; readonly summary: string }>;

function list(items: readonly Item[], args: readonly string[]): void {
  if (args.includes("--json"))
    print(JSON.stringify(items.map(({ name, substrate, check }) => ({ name, substrate, check }))));
  else
    for (const { name, substrate, check, summary } of items)
      print(`${name.padEnd(24)} ${substrate.padEnd(6)} ${check.padEnd(22)} ${summary}`);
}

function find<T extends { readonly name: string }>(items: readonly T[], wanted: string): T {
  const found = items.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  const known = items.map(({ name }) => name).join(", ");
  throw new Problem({
    subject: JSON.stringify(wanted),
    expected: `one of ${known}`,
    remedy: "name one of these",
  });
}
