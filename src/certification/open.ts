// Opens what is to be certified: a substrate's stack config, read and held against what is asked for.
import { readConfig } from "../engine/config.ts";
import { Problem } from "../environment/problem.ts";
import { configFile, stackOf } from "../environment/stack.ts";
import type { Asking } from "../pulumi/command.ts";
import { loadSubstrate } from "../substrates/index.ts";
import type { Substrate } from "../substrates/substrate.ts";
import type { Request } from "./request.ts";
import type { Opened } from "./subject.ts";

type Place = Pick<Request, "environment" | "repair"> & Partial<Pick<Request, "topology">>;

/** Substrates by their names. Throws as {@link openSubject}. */
export function openNamed(
  place: Place,
  names: readonly string[],
  asking: Asking,
): Promise<readonly Opened[]> {
  return Promise.all(names.map(async (name) => openSubject(place, await loadSubstrate(name), asking)));
}

/** One requested substrate. Throws `Problem` for an environment or topology that is not configured; none: any topology. */
export async function openSubject(
  { environment, topology, repair }: Place,
  substrate: Substrate,
  asking: Asking,
): Promise<Opened> {
  const stack = stackOf({ environment, substrate: substrate.name });
  const raw = await readConfig(stack, asking);
  const open = substrate.open(raw, configFile(stack));
  if (topology === undefined || open.topology === topology)
    return { substrate, open, inspection: await open.inspect(), stack, config: raw, repair };
  throw new Problem({
    subject: "--topology",
    expected: `${open.topology}, as ${configFile(stack)} says`,
    actual: topology,
    remedy: "name the environment's topology",
  });
}
