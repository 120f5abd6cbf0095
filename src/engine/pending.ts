// Settles creations that were cut off in the checkpoint itself. `pulumi refresh --import-pending-creates` would be for that,
// but in 3.255 it only gives them another name, which nothing reads (pkg/cmd/pulumi/operations/refresh.go).
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { Unreadable } from "../check/unreadable.ts";
import { type Asking, command } from "../pulumi/command.ts";
import { exportStack } from "../pulumi/deployment.ts";

const resource = z.looseObject({
  urn: z.string(),
  inputs: z.record(z.string(), z.unknown()).default({}),
  parent: z.string().optional(),
  /** `<urn>::<id>` */
  provider: z.string().optional(),
  dependencies: z.array(z.string()).default([]),
});
const operation = z.looseObject({ type: z.string(), resource });
const exported = z.looseObject({
  deployment: z.looseObject({
    resources: z.array(resource).default([]),
    pending_operations: z.array(operation).default([]),
  }),
});

type Exported = z.infer<typeof exported>;
type Resource = z.infer<typeof resource>;

/**
 * Takes cut-off creations among a stack's resources where their provider's id is given, by URN, and forgets all others.
 * What they have become the next refresh reads. Throws `Unreadable`.
 */
export async function settleCreates(
  stack: string,
  ids: ReadonlyMap<string, string>,
  asking: Asking,
): Promise<void> {
  const found = await exportStack(stack, asking);
  if (found === undefined) throw new Unreadable("engine", `no stack ${stack}`);
  const settled = withCreated(exported.parse(JSON.parse(found.bytes)), ids);
  const folder = await mkdtemp(join(tmpdir(), "substrate-"));
  try {
    const file = join(folder, "checkpoint.json");
    await writeFile(file, JSON.stringify(settled), { mode: 0o600 });
    const done = await command(["stack", "import", "--stack", stack, "--file", file], asking);
    if (done.exitCode !== 0) throw new Unreadable("engine", done.stderr);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function withCreated({ deployment, ...rest }: Exported, ids: ReadonlyMap<string, string>): Exported {
  const { resources, pending_operations: pending, ...others } = deployment;
  const all = [...resources];
  for (const { resource: made } of pending.filter(({ type }) => type === "creating")) {
    const id = ids.get(made.urn);
    if (id !== undefined) all.splice(placeOf(made, all), 0, { ...made, id, outputs: made.inputs });
  }
  const left = pending.filter(({ type }) => type !== "creating");
  return { ...rest, deployment: { ...others, resources: all, pending_operations: left } };
}

/** Behind everything that it refers to, and before whatever may refer to it: the engine demands that order. */
function placeOf({ parent, provider = "", dependencies }: Resource, all: readonly Resource[]): number {
  return (
    1 +
    all.findLastIndex(
      ({ urn }) => urn === parent || provider.startsWith(`${urn}::`) || dependencies.includes(urn),
    )
  );
}
