// Opens what is to be certified: a substrate's stack config, read and held against what is asked for.
import { readConfig } from "../engine/config.ts";
import { Problem } from "../environment/problem.ts";
import { configFile, stackOf } from "../environment/stack.ts";
import type { Asking } from "../pulumi/command.ts";
import type { Substrate } from "../substrates/substrate.ts";
import type { Request } from "./request.ts";
import type { Opened } from "./subject.ts";

/** One requested substrate. Throws `Problem` for an environment or topology that is not configured; none: any topology. */
export async function openSubject(
  {
    environment,
    topology,
    repair,
  }: Pick<Request, "environment" | "repair"> & Partial<Pick<Request, "topology">>,
  substrate: Substrate,
  asking: Asking,
): Promise<Opened> {
  const stack = stackOf({ environment, substrate: substrate.name });
  const raw = await readConfig(stack, asking);
  const open = substrate.open(raw, configFile(stack));
  if (topology === undefined || open.topology === topology)
    return { substrate, open, stack, config: raw, repair };
  throw new Problem({
    subject: "--topology",
    expected: `${open.topology}, as ${configFile(stack)} says`,
    actual: topology,
    remedy: "name the environment's topology",
  });
}
