// Finds a declared thing by its logical name, as the lab's checkpoint has it.
import { execa } from "execa";
import { z } from "zod";
import { Problem } from "../environment/problem.ts";

const exported = z.object({
  deployment: z.object({
    resources: z.array(z.object({ urn: z.string(), type: z.string(), id: z.string().optional() })).optional(),
  }),
});

/** Where to look for what. */
export type Wanted = {
  readonly engine: string;
  readonly project: string;
  readonly stack: string;
  readonly name: string;
};

/** A declared thing's type and id. Throws `Problem` with the known names where there is none of that name. */
export async function findThing(
  { engine, project, stack, name }: Wanted,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly type: string; readonly id: string }> {
  const { stdout } = await execa(engine, ["stack", "export", "--stack", stack], {
    cwd: project,
    env,
    stdin: "ignore",
  });
  const resources = exported.parse(JSON.parse(stdout)).deployment.resources ?? [];
  const things = resources.filter(({ type }) => !type.startsWith("pulumi:"));
  const found = things.find(({ urn }) => urn.endsWith(`::${name}`));
  if (found?.id !== undefined) return { type: found.type, id: found.id };
  const known = things.map(({ urn }) => urn.slice(urn.lastIndexOf("::") + 2));
  throw new Problem({
    subject: `${stack} ${name}`,
    expected: known.length === 0 ? "a provisioned stack" : `one of ${known.join(", ")}`,
    remedy: known.length === 0 ? `run \`npx pulumi up -s ${stack}\`` : "name one of these",
  });
}
