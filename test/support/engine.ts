// A stand-in for the engine's CLI: a shell script that answers as the test decides.
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Asking } from "../../src/pulumi/command.ts";

/** Runs work with an engine that does this, in an empty folder that is gone afterwards. */
export async function withEngine<T>(script: string, work: (asking: Asking) => Promise<T>): Promise<T> {
  const project = await mkdtemp(join(tmpdir(), "engine-"));
  const engine = join(project, "pulumi");
  await writeFile(engine, `#!/bin/sh\n${script}\n`);
  await chmod(engine, 0o755);
  try {
    return await work({ engine, project, signal: AbortSignal.timeout(30_000) });
  } finally {
    await rm(project, { recursive: true });
  }
}

/** A ledger's freeze, in force until then. */
export const held = {
  runId: "qual-1",
  release: "v1.2.3",
  since: "2026-11-22T16:00:00Z",
  until: "2999-11-22T18:00:00Z",
};

/** Answers with these outputs for the ledger of the environment `lab`, and with an error for anything else. */
export function ledgerWith(outputs: unknown): string {
  const resources = [{ type: "pulumi:pulumi:Stack", outputs }];
  const exported = JSON.stringify({ version: 3, deployment: { resources } });
  return `[ "$*" = "stack export --stack lab-ledger" ] && echo '${exported}'`;
}

/** A backend without any stack. */
export const noStack = `echo "error: no stack named 'lab-ledger' found" >&2; exit 255`;

/** A backend that does not answer. */
export const noBackend = "echo refused >&2; exit 255";
