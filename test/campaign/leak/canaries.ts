// The canaries of a running lab: everything in its world that must not get out, and words that only its far ends say.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { load } from "js-yaml";
import { z } from "zod";
import { configFile } from "../../../src/environment/stack.ts";
import { type Bench, project } from "../../e2e/bench.ts";
import type { Canary, Kind } from "./search.ts";
import { words } from "./words.ts";

const overlay = z.record(z.string(), z.record(z.string(), z.unknown()));
const exported = z.object({
  deployment: z.object({
    resources: z
      .array(
        z.object({
          type: z.string(),
          id: z.string().optional(),
          inputs: z.unknown().optional(),
          outputs: z.unknown().optional(),
        }),
      )
      .default([]),
  }),
});

/** Everything that the lab has by now; ask again after something was made. */
export async function canariesOf(bench: Bench, substrates: readonly string[]): Promise<readonly Canary[]> {
  const stacks = substrates.map((substrate) => `lab-${substrate}`);
  const found = [
    ...words,
    ...(await inOverlay(bench.home.overlay, stacks)),
    ...(await inOverlay(bench.home.readOnlyOverlay, stacks)),
  ];
  for (const stack of stacks) {
    const config: unknown = load(await readFile(join(project, configFile(stack)), "utf8"));
    found.push(...recognised(config, `${stack} stack config`));
    found.push(...(await inState(bench, stack)));
  }
  const distinct = new Map(found.map((canary) => [canary.text.toString("latin1"), canary]));
  return [...distinct.values()];
}

/** Overlay leaves whose whole value is a canary, by how their keys end. */
const wholeLeaves: readonly (readonly [RegExp, Kind])[] = [
  [/:(secretKey|clientSecret)$/, "secret"],
  [/:(accessKey|clientId)$/, "provider ID"],
  [/:fingerprint$/, "pin"],
];

/** Everything that the lab lays over stack config. Throws for what it can not tell the kind of: nothing is passed over. */
async function inOverlay(file: string, stacks: readonly string[]): Promise<readonly Canary[]> {
  const values = overlay.parse(JSON.parse(await readFile(file, "utf8")));
  return stacks.flatMap((stack) =>
    leaves(values[stack]).flatMap(({ path, text }) => inLeaf(`${stack} ${path}`, text)),
  );
}

function inLeaf(label: string, text: string): readonly Canary[] {
  const kind = wholeLeaves.find(([end]) => end.test(label))?.[1];
  if (kind !== undefined) return [{ kind, label, text: Buffer.from(text) }];
  if (/PRIVATE KEY-----/.test(text)) return inKey(label, text);
  if (/:token$/.test(label))
    return [{ kind: "secret", label, text: Buffer.from(text.slice(text.indexOf("=") + 1)) }];
  if (/:endpoint$|\.endpoint$/.test(label))
    return [{ kind: "address", label, text: Buffer.from(new URL(text).host) }];
  const known = recognised(text, label);
  const isPublic = /^-----BEGIN CERTIFICATE|^ssh-ed25519 |^(jump|inspector|\d+|127\.0\.0\.1)$/.test(text);
  if (known.length > 0 || isPublic) return known;
  throw new TypeError(`${label} is nothing that the campaign knows: say in canaries.ts what kind it is`);
}

/** Whoever gets 24 characters of one line of a key has at least one of these. */
const keyWindow = 16;
const keyStride = 9;

/** The lines of a key in PEM that are secret, in overlapping pieces, and the secret bytes themselves. */
function inKey(label: string, pem: string): readonly Canary[] {
  const lines = pem.split("\n").filter((line) => line !== "" && !line.startsWith("-----"));
  const bytes = Buffer.from(lines.join(""), "base64");
  const secretFrom = pem.includes("OPENSSH") ? seedIn(bytes) : 0;
  const perLine = lines[0]?.length ?? 0;
  const pieces = lines.flatMap((line, index) =>
    startsIn(line, Math.max(0, Math.ceil((secretFrom * 4) / 3) - index * perLine)).map((at) =>
      line.slice(at, at + keyWindow),
    ),
  );
  return [...pieces.map((piece) => Buffer.from(piece)), bytes.subarray(secretFrom, secretFrom + 32)].map(
    (text) => ({ kind: "private key" as const, label, text }),
  );
}

function startsIn(line: string, from: number): readonly number[] {
  const last = line.length - keyWindow;
  return Array.from({ length: Math.max(0, Math.ceil((last - from + 1) / keyStride)) }, (_, step) =>
    Math.min(from + step * keyStride, last),
  );
}

/** Where an Ed25519 key's secret half begins (PROTOCOL.key): right before its public half stands for the last time. */
function seedIn(bytes: Buffer): number {
  const head = Buffer.from("\0\0\0\u000bssh-ed25519\0\0\0 ", "latin1");
  const at = bytes.indexOf(head) + head.length;
  return bytes.lastIndexOf(bytes.subarray(at, at + 32)) - 32;
}

/** What is recognised by how it looks, wherever it stands. */
const shapes: readonly (readonly [Kind, RegExp])[] = [
  ["address", /\b\d{1,3}(?:\.\d{1,3}){3}\b/g],
  ["MAC", /\b[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}\b/g],
  ["provider ID", /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g],
  ["provider ID", /\bocid1\.[a-z]+\.oc1\.[\w.-]+/g],
  ["provider ID", /\barn:aws:[\w:/.-]+/g],
  ["provider ID", /\b[a-z]+-[0-9a-f]{17}\b/g],
  ["provider ID", /\b\d{12}\b/g],
  ["provider ID", /\/subscriptions\/[\w./-]+/g],
];

/** Nobody's addresses: everywhere, this machine, every cloud's metadata service. */
const nobodys = ["0.0.0.0", "127.0.0.1", "169.254.169.254"];

function recognised(value: unknown, label: string): readonly Canary[] {
  return leaves(value).flatMap(({ text }) =>
    shapes.flatMap(([kind, shape]) =>
      (text.match(shape) ?? [])
        .filter((found) => !nobodys.includes(found) && !found.startsWith("255."))
        .map((found) => ({ kind, label, text: Buffer.from(found) })),
    ),
  );
}

/** What the engine knows of the stack's resources: their ids, and what is in their inputs and outputs. */
async function inState(bench: Bench, stack: string): Promise<readonly Canary[]> {
  const text = await bench.pulumi("stack", "export", "--show-secrets", "-s", stack);
  const { resources } = exported.parse(JSON.parse(text)).deployment;
  const own = resources.filter(({ type }) => !type.startsWith("pulumi:"));
  return own.flatMap(({ type, id, inputs, outputs }) => {
    const label = `${stack} ${type}`;
    const told = recognised([inputs, outputs], label);
    // Names are given by us, and are no secret: `routerd-lab-key`.
    const isName = id === undefined || /^[a-z-]+$/.test(id);
    return [
      ...(isName ? [] : [{ kind: "provider ID" as const, label, text: Buffer.from(id) }]),
      ...told,
      ...inUserData([inputs, outputs], label),
    ];
  });
}

/** Lines of what guests are told at their first boot that are long enough to be nobody else's. */
function inUserData(value: unknown, label: string): readonly Canary[] {
  const texts = leaves(value).flatMap(({ text }) => [text, Buffer.from(text, "base64").toString()]);
  const lines = texts
    .filter((text) => text.replace(/^"/, "").startsWith("#cloud-config"))
    .flatMap((text) => text.split(/\\n|\n/))
    .map((line) => line.trim())
    // Public halves of keys are public, and private ones are canaries by themselves.
    .filter((line) => line.length >= 24 && !/ssh-ed25519|^[A-Za-z0-9+/=]+$|-----|"|\\/.test(line));
  return lines.map((line) => ({ kind: "user data", label, text: Buffer.from(line) }));
}

/** Every string and number in a value, with where it is. */
function leaves(value: unknown, path = ""): readonly { readonly path: string; readonly text: string }[] {
  if (typeof value === "string" || typeof value === "number") return [{ path, text: String(value) }];
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === "" ? key : `${path}.${key}`));
}
