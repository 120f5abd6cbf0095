// Finds a declared thing by its logical name, as the lab's checkpoint has it.
import { z } from "zod";
import { nameOf } from "../engine/urn.ts";
import { Problem } from "../environment/problem.ts";
import { type Asking, command } from "../pulumi/command.ts";
import type { Properties } from "../substrates/double.ts";
import type { Thing } from "./lab.ts";

const exported = z.object({
  deployment: z.object({
    resources: z
      .array(
        z.object({
          urn: z.string(),
          type: z.string(),
          id: z.string().optional(),
          inputs: z.record(z.string(), z.unknown()).default({}),
          outputs: z.record(z.string(), z.unknown()).default({}),
          dependencies: z.array(z.string()).default([]),
        }),
      )
      .optional(),
  }),
});

/** A declared thing with its logical name, and the names of those that it was made from. */
export type Declared = Omit<Thing, "substrate"> & {
  readonly name: string;
  readonly dependencies: readonly string[];
};

/** Every declared thing of a stack as the engine knows it; none where it was never provisioned. */
export async function declaredThings(stack: string, asking: Asking): Promise<readonly Declared[]> {
  // Whoever changes a thing sends all of it, secrets too; those of the lab die with it.
  const { stdout, exitCode } = await command(["stack", "export", "--show-secrets", "--stack", stack], asking);
  const deployment = exitCode === 0 ? exported.parse(JSON.parse(stdout)).deployment : undefined;
  return (deployment?.resources ?? []).flatMap(({ urn, type, id, inputs, outputs, dependencies }) =>
    id === undefined || type.startsWith("pulumi:")
      ? []
      : {
          ...{ name: nameOf(urn), type, id, dependencies: dependencies.map(nameOf) },
          ...{ inputs: revealedIn(inputs), outputs: revealedIn(outputs) },
        },
  );
}

/** A declared thing. Throws `Problem` with the known names where there is none of that name. */
export async function findThing(stack: string, name: string, asking: Asking): Promise<Declared> {
  const things = await declaredThings(stack, asking);
  const found = things.find((thing) => thing.name === name);
  if (found !== undefined) return found;
  const known = things.map((thing) => thing.name);
  throw new Problem({
    subject: `${stack} ${name}`,
    expected: known.length === 0 ? "a provisioned stack" : `one of ${known.join(", ")}`,
    remedy: known.length === 0 ? `run \`npx pulumi up -s ${stack}\`` : "name one of these",
  });
}

/** A secret as an export shows it (pulumi, sdk/go/common/resource/sig/sig.go): JSON text in an envelope. */
const envelope = z.object({
  "4dabf18193072939515e22adb298388d": z.literal("1b47061264138c4ac30d75fd1eb44270"),
  plaintext: z.string(),
});

/** The same properties with what was in envelopes as it is. */
export function revealedIn(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, revealed(value)]));
}

function revealed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== "object" || value === null) return value;
  const secret = envelope.safeParse(value);
  return secret.success ? revealed(JSON.parse(secret.data.plaintext)) : revealedIn({ ...value });
}
