import { readdirSync, readFileSync } from "node:fs";
import { execa } from "execa";
import { expect, test } from "vitest";
import { substrateNames } from "../src/substrates/index.ts";
import { breaches, type Layout, type Source } from "./architecture/rules.ts";

const aliases: Readonly<Record<string, readonly string[]>> = {
  pve: ["pve", "proxmox", "proxmoxve"],
  aws: ["aws", "amazon"],
  azure: ["azure"],
  oci: ["oci", "oracle"],
};

const layout: Layout = {
  rooms: [
    ...["environment", "check", "world", "probes", "substrates", "manifest", "pulumi", "freeze", "program"],
    ...["engine", "ledger", "certification", "gate", "qualification", "lab", "cli", "policy"],
  ],
  names: { ...aliases, ...Object.fromEntries(substrateNames.map((name) => [name, aliases[name] ?? [name]])) },
  lists: ["src/substrates/index.ts", "src/manifest/model.ts"],
};

test("imports point to the left, names of providers stay in their folders, files stay small", () => {
  const sources = [...sourcesIn("src"), ...sourcesIn("policy")];
  expect(sources.length).toBeGreaterThan(20);
  expect(breaches(sources, layout)).toEqual([]);
});

test("an engine's program loads nothing of how substrates are looked at and mended", async () => {
  const loading = `
    const { registerHooks } = await import("node:module");
    const loaded = [];
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
    await import("./src/program/stack.ts");
    for (const name of ${JSON.stringify(substrateNames)})
      for (const part of ["substrate", "declare"]) await import(\`./src/substrates/\${name}/\${part}.ts\`);
    console.log(loaded.flatMap((url) => /.src.(substrates|probes|check)\\/.*/.exec(url)?.[0] ?? []).join("\\n"));`;
  const { stdout } = await execa(process.execPath, ["--input-type=module", "-e", loading]);
  expect(stdout).toContain("/src/substrates/aws/declare.ts");
  expect(stdout).not.toMatch(/inspection|plan\.ts|\/checks\/|\/transports\//);
}, 60_000);

test.each([
  'import { b } from "../lab/b.ts";',
  'import type { B } from "../lab/b.ts";',
  'type B = typeof import("../lab/b.ts");',
  'const b = await import("../lab/b.ts");',
  'export * from "../lab/b.ts";',
  'new Worker(new URL("../lab/b.ts", import.meta.url));',
])("an import to the right is caught: %s", (text) => {
  const caught = ["src/check/a.ts:3: check must not import src/lab/b.ts"];
  expect(breaches([{ path: "src/check/a.ts", text: `\n\n${text}` }], layout)).toEqual(caught);
});

test.each([
  ["a computed import", "src/cli/a.ts", "await import(path);", "1: cli must not import src/cli/(computed)"],
  [
    "an import from the tests",
    "src/cli/a.ts",
    'import "../../test/b.ts";',
    "1: cli must not import test/b.ts",
  ],
  ["a room that nobody placed", "src/new/a.ts", 'import "./b.ts";', "1: new must not import src/new/b.ts"],
  ["a provider's name", "src/cli/a.ts", "\nconst pveToken = 1;", "2: names the provider pve"],
  ["a provider's other name", "src/cli/a.ts", "// ProxmoxVE", "1: names the provider proxmox"],
  ["a file named after a provider", "src/probes/aws.ts", "", "1: names the provider aws"],
  [
    "a provider in another's folder",
    "src/substrates/aws/a.ts",
    "// aws, not oci",
    "1: names the provider oci",
  ],
  ["a long file", "src/cli/a.ts", "\n".repeat(300).concat("1;"), "301: more than 300 lines"],
  ["a name that says nothing", "src/cli/utils.ts", "", "1: says nothing by its name"],
])("%s is caught", (_name, path, text, caught) => {
  expect(breaches([{ path, text }], layout)).toEqual([`${path}:${caught}`]);
});

test("a cycle of files is caught, also one of types", () => {
  const files = {
    "src/cli/a.ts": 'import "./b.ts";',
    "src/cli/b.ts": '\nimport type { C } from "./c.ts";',
    "src/cli/c.ts": 'import "./b.ts";',
  };
  const caught = "src/cli/c.ts:1: closes the cycle src/cli/b.ts → src/cli/c.ts → src/cli/b.ts";
  expect(breaches(inMemory(files), layout)).toEqual([caught]);
});

test("nothing is caught in files that keep the rules", () => {
  const files = {
    "src/cli/a.ts":
      'import { b } from "../check/b.ts";\nimport "node:fs";\nimport p from "../../package.json";\n// association, velocity',
    "src/program.ts": 'import "./substrates/index.ts";',
    "src/substrates/index.ts": 'const pve = () => import("./pve/substrate.ts");',
    "src/substrates/pve/substrate.ts": 'import type { S } from "../substrate.ts"; // Proxmox VE',
    "policy/pack.ts": 'import "../src/substrates/index.ts";',
  };
  expect(breaches(inMemory(files), layout)).toEqual([]);
});

function inMemory(files: Readonly<Record<string, string>>): Source[] {
  return Object.entries(files).map(([path, text]) => ({ path, text }));
}

function sourcesIn(folder: string): Source[] {
  const root = new URL("../", import.meta.url);
  const all = folder === "policy" ? readdirSync(root) : [folder];
  if (!all.includes(folder)) return [];
  return readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => ({
      path: `${folder}/${path}`,
      text: readFileSync(new URL(`${folder}/${path}`, root), "utf8"),
    }));
}
