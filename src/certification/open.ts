// Opens what is to be looked at: one substrate of an environment, as its stack config declares it.
import { readConfig } from "../engine/config.ts";
import { Problem } from "../environment/problem.ts";
import { configFile, stackOf } from "../environment/stack.ts";
import type { Asking } from "../pulumi/command.ts";
import type { Substrate } from "../substrates/substrate.ts";
import type { Request } from "./request.ts";
import type { Subject } from "./subject.ts";

/** Throws `Problem` for an environment or topology that is not configured. */
export async function openSubject(
  substrate: Substrate,
  asking: Asking,
  { environment, topology, repair }: Pick<Request, "environment" | "topology" | "repair">,
): Promise<Subject> {
  const stack = stackOf({ environment, substrate: substrate.name });
  const raw = await readConfig(stack, asking);
  const open = substrate.open(raw, configFile(stack));
  if (open.topology === topology) return { substrate, open, stack, config: raw, repair };
  throw new Problem({
    subject: "--topology",
    expected: `${open.topology}, as ${configFile(stack)} says`,
    actual: topology,
    remedy: "name the environment's topology",
  });
}
