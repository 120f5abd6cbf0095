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
    return { type, id, inputs: veiled(inputs), outputs: veiled(outputs) };
  }
  const known = things.map(({ urn }) => nameOf(urn));
  throw new Problem({
    subject: `${stack} ${name}`,
    expected: known.length === 0 ? "a provisioned stack" : `one of ${known.join(", ")}`,
    remedy: known.length === 0 ? `run \`npx pulumi up -s ${stack}\`` : "name one of these",
  });
}

/** The engine's envelope of a secret (pulumi, sdk/go/common/resource/sig/sig.go); only a passphrase opens it. */
const envelope = z.object({
  "4dabf18193072939515e22adb298388d": z.literal("1b47061264138c4ac30d75fd1eb44270"),
});

/** Properties with a word in the place of each secret, so that nobody takes an envelope for what is in it. */
function veiled(properties: Properties): Properties {
  const plain: unknown = JSON.parse(
    JSON.stringify(properties, (_, value) => (envelope.safeParse(value).success ? "[secret]" : value)),
  );
  return z.record(z.string(), z.unknown()).parse(plain);
}
