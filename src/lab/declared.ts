// Finds a declared thing by its logical name, as the lab's checkpoint has it.
import { z } from "zod";
import { nameOf } from "../engine/urn.ts";
import { Problem } from "../environment/problem.ts";
import { type Asking, command } from "../pulumi/command.ts";
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
        }),
      )
      .optional(),
  }),
});

/** A declared thing as the engine knows it. Throws `Problem` with the known names where there is none of that name. */
export async function findThing(
  stack: string,
  name: string,
  asking: Asking,
): Promise<Omit<Thing, "substrate">> {
  const { stdout, exitCode } = await command(["stack", "export", "--stack", stack], asking);
  const deployment = exitCode === 0 ? exported.parse(JSON.parse(stdout)).deployment : undefined;
  const resources = deployment?.resources ?? [];
  const things = resources.filter(({ type }) => !type.startsWith("pulumi:"));
  const found = things.find(({ urn }) => nameOf(urn) === name);
  if (found?.id !== undefined) {
    const { type, id, inputs, outputs } = found;
    return { type, id, inputs, outputs };
  }
  const known = things.map(({ urn }) => nameOf(urn));
  throw new Problem({
    subject: `${stack} ${name}`,
    expected: known.length === 0 ? "a provisioned stack" : `one of ${known.join(", ")}`,
    remedy: known.length === 0 ? `run \`npx pulumi up -s ${stack}\`` : "name one of these",
  });
}
