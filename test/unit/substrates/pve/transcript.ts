// Plays back what the real plugin was answered, step by step, and notes what is asked of it.
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import type { Properties } from "../../../../src/substrates/double.ts";
import type { Transport } from "../../../../src/substrates/pve/double/provider/rest.ts";

const folder = new URL("../../../../../shared/pve/", import.meta.url);

/** Whether the recording is there; tests that need it are skipped without it. */
export const recorded = existsSync(folder);

const line = z.object({
  step: z.string(),
  method: z.string(),
  path: z.string(),
  query: z.record(z.string(), z.string()),
  requestBody: z.record(z.string(), z.string()).nullable(),
  status: z.number(),
  responseBody: z.unknown(),
});
type Line = z.output<typeof line>;

/** One write request, comparable: options of drives and the like in one order. */
export type Write = { readonly request: string; readonly body: Readonly<Record<string, string>> };

/** The recorded lines of one step; those of small programs of their own begin with `x-`. */
function linesOf(step: string): Line[] {
  const file = step.startsWith("x-") ? "transcript-extras.jsonl" : "transcript.jsonl";
  return readFileSync(new URL(file, folder), "utf8")
    .split("\n")
    .filter((text) => text.includes(`"step": "${step}"`))
    .map((text) => line.parse(JSON.parse(text)));
}

/** The recorded writes of a step whose request matches. */
export function writesOf(step: string, pattern: RegExp): Write[] {
  return linesOf(step)
    .filter(({ method }) => method !== "GET")
    .map(({ method, path, query, requestBody }) => writeOf(method, path, requestBody ?? query))
    .filter(({ request }) => pattern.test(request));
}

/**
 * Answers each request with what the same request was answered in a step: after the last write that was played back,
 * one after the other, and the last answer again and again.
 */
export function replay(step: string): { readonly transport: Transport; readonly writes: Write[] } {
  const lines = linesOf(step).map((each, index) => ({
    ...each,
    index,
    key: keyOf(each.method, each.path, each.query),
  }));
  const used = new Set<number>();
  const writes: Write[] = [];
  let position = -1;
  const transport: Transport = async ({ method, path, body }) => {
    const url = new URL(path, "https://pve.test");
    const query = Object.fromEntries(url.searchParams);
    const key = keyOf(method, url.pathname, query);
    const candidates = lines.filter((each) => each.key === key);
    const answer = candidates.find(({ index }) => index > position && !used.has(index)) ?? candidates.at(-1);
    if (method !== "GET") {
      writes.push(
        writeOf(
          method,
          url.pathname,
          body === undefined ? query : Object.fromEntries(new URLSearchParams(body)),
        ),
      );
      position = answer?.index ?? position;
    }
    if (answer === undefined) return { status: 501, reason: `not recorded in ${step}: ${key}`, body: "{}" };
    used.add(answer.index);
    return { status: answer.status, reason: "recorded", body: JSON.stringify(answer.responseBody) };
  };
  return { transport, writes };
}

const checkpoint = z.object({
  deployment: z.object({
    resources: z.array(
      z.object({
        urn: z.string(),
        id: z.string().default(""),
        inputs: z.record(z.string(), z.unknown()).default({}),
        outputs: z.record(z.string(), z.unknown()).default({}),
      }),
    ),
  }),
});

/** A resource of the recorded checkpoint, its inputs as the program declared them. */
export function resourceOf(name: string): { id: string; inputs: Properties; outputs: Properties } {
  const text = readFileSync(new URL("states/01-after-create.json", folder), "utf8");
  const found = checkpoint
    .parse(JSON.parse(text))
    .deployment.resources.find(({ urn }) => urn.endsWith(`::${name}`));
  if (found === undefined) throw new Error(`no resource ${name} in the recording`);
  return { id: found.id, inputs: declared(found.inputs), outputs: stateOf(found.outputs) };
}

function keyOf(method: string, path: string, query: Readonly<Record<string, string>>): string {
  const sorted = new URLSearchParams(Object.entries(query).toSorted()).toString();
  return `${method} ${path.replaceAll("%21", "!")} ${sorted}`;
}

function writeOf(method: string, path: string, body: Readonly<Record<string, string>>): Write {
  const sorted = Object.entries(body).map(([key, value]) => [
    key,
    value.split(",").filter(Boolean).toSorted().join(","),
  ]);
  return { request: `${method} ${path.replace("/api2/json", "")}`, body: Object.fromEntries(sorted) };
}

// Leaves out what the plugin filled in by itself.
function declared(inputs: Properties): Properties {
  const filled = z.array(z.string()).default([]).parse(inputs.__defaults);
  const entries = Object.entries(inputs).filter(([key]) => key !== "__defaults" && !filled.includes(key));
  return Object.fromEntries(entries.map(([key, value]) => [key, declaredValue(value)]));
}

function declaredValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(declaredValue);
  return isObject(value) ? declared(value) : value;
}

// A checkpoint keeps secrets as ciphertext; the recorded ones were empty.
function stateOf(outputs: Properties): Properties {
  const { __pulumi_raw_state_delta: _, ...rest } = outputs;
  return Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, plain(value)]));
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value)) return value;
  return "ciphertext" in value ? "" : stateOf(value);
}

function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
