// What a certification is bound to: tool versions, and digests of what was declared, recorded and seen.
import { hash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Checkpoint } from "../engine/checkpoint.ts";
import { digest } from "../manifest/canonical.ts";
import { engineVersion } from "../pulumi/version.ts";
import type { Opened } from "./subject.ts";

/** `name` → version or digest, as the manifest's `toolVersions`. */
export type Versions = Readonly<Record<string, string>>;

/** The versions of everything that took part, whatever the substrate; `source` is the digest of this project's. */
export type ToolVersions = Versions & { readonly source: string };

/** Those of now, and here. */
export async function toolVersions(project: string): Promise<ToolVersions> {
  return {
    node: process.versions.node,
    pulumi: engineVersion,
    "@pulumi/pulumi": await packageVersion(project, "@pulumi/pulumi"),
    source: sourceDigest(project),
  };
}

type Tools = { readonly project: string; readonly source: string };

/** What binds a certification to one substrate; state and observed are of the last look. */
export async function substrateVersions(
  { substrate, open, inspection }: Opened,
  checkpoint: Checkpoint | undefined,
  tools: Tools,
): Promise<Versions> {
  return {
    ...(await declaredVersions({ substrate, open }, tools)),
    [`state/${substrate.name}`]: stateDigest(checkpoint),
    [`observed/${substrate.name}`]: digest(inspection.observed()),
  };
}

/** The part of {@link substrateVersions} that can be told without asking anybody. */
export async function declaredVersions(
  { substrate, open }: Pick<Opened, "substrate" | "open">,
  tools: Tools,
): Promise<Versions> {
  const packages = await Promise.all(
    substrate.packages.map(async (name) => [name, await packageVersion(tools.project, name)]),
  );
  return {
    ...Object.fromEntries(packages),
    [`declared/${substrate.name}`]: digest({ config: open.declaration, source: tools.source }),
  };
}

/** The digest of what a checkpoint says is there; of nothing, where there is no stack. */
export function stateDigest(checkpoint: Pick<Checkpoint, "substance"> | undefined): string {
  return digest(checkpoint?.substance ?? null);
}

async function packageVersion(project: string, name: string): Promise<string> {
  const text = await readFile(join(project, "node_modules", name, "package.json"), "utf8");
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

/**
 * SHA-256 over path and bytes of every source file, the contract's commands, the project file and the lock file: any
 * change of the tool is a revision. In one go: hundreds of small files one await after the other take four times as
 * long. Without the lab, which certifies nothing.
 */
function sourceDigest(project: string): string {
  const commands = filesIn(`${project}/scripts`).filter((path) => path.endsWith(".sh"));
  const single = ["Pulumi.yaml", "package-lock.json"].map((name) => `${project}/${name}`);
  const files = [...filesIn(`${project}/src`).toSorted(), ...commands.toSorted(), ...single];
  const parts = files.flatMap((file) => [
    ...[Buffer.from(`${file.slice(project.length)}\0`), readFileSync(file), end],
  ]);
  return hash("sha256", Buffer.concat(parts));
}

const end = Buffer.from("\0");

/** Folders of the lab's own: itself, and each substrate's stand-in. */
const lab: ReadonlySet<string> = new Set(["lab", "double"]);

/** By hand: a recursive `readdir` takes five times as long. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return lab.has(entry.name) ? [] : filesIn(path);
    return entry.isFile() ? [path] : [];
  });
}
