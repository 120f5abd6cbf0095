// The certification: all requested substrates side by side, then one manifest that says what was found.

import { readConfig } from "../engine/config.ts";
import { Problem } from "../environment/problem.ts";
import { configFile, stackOf } from "../environment/stack.ts";
import type { Manifest } from "../manifest/model.ts";
import type { Substrate } from "../substrates/substrate.ts";
import { type Evidence, manifestOf } from "./evidence.ts";
import type { Request } from "./request.ts";
import type { Means, Subject } from "./subject.ts";
import { certifySubstrate } from "./substrate.ts";
import { substrateVersions, toolVersions } from "./versions.ts";

/**
 * Certifies and gives the manifest, whatever the verdict.
 * @throws Problem for an environment or topology that is not configured; nothing has been looked at then
 */
export async function certify(request: Request, means: Means): Promise<Manifest> {
  const startedAt = new Date();
  const subjects = await Promise.all(
    request.substrates.map((substrate) => openSubject(request, substrate, means)),
  );
  const tools = await toolVersions(means.project);
  const found = await Promise.all(
    subjects.map(async (subject): Promise<Evidence> => {
      const certified = await certifySubstrate(subject, means, request);
      const versions = await substrateVersions(subject, certified.last, {
        project: means.project,
        source: tools.source ?? "",
      });
      return { substrate: subject.substrate, ...certified, versions };
    }),
  );
  return manifestOf(request, found, { startedAt, finishedAt: new Date(), tools });
}

async function openSubject(
  { environment, topology }: Request,
  substrate: Substrate,
  means: Means,
): Promise<Subject> {
  const stack = stackOf({ environment, substrate: substrate.name });
  const raw = await readConfig(stack, means);
  const open = substrate.open(raw, configFile(stack));
  if (open.topology === topology) return { substrate, open, stack };
  throw new Problem({
    subject: "--topology",
    expected: `${open.topology}, as ${configFile(stack)} says`,
    actual: topology,
    remedy: "name the environment's topology",
  });
}
