// The certification: all requested substrates side by side, then one manifest that says what was found.

import { readConfig } from "../engine/config.ts";
import { Problem } from "../environment/problem.ts";
import { configFile, stackOf } from "../environment/stack.ts";
import type { Manifest } from "../manifest/model.ts";
import type { Substrate } from "../substrates/substrate.ts";
import { type Evidence, manifestOf } from "./evidence.ts";
import { merge, type Own, refuseUnlike } from "./merge.ts";
import type { Request } from "./request.ts";
import type { Means, Subject } from "./subject.ts";
import { certifySubstrate } from "./substrate.ts";
import { substrateVersions, toolVersions, type Versions } from "./versions.ts";

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
  if (request.other !== undefined) refuseUnlike(request.other, ownOf(request, tools), startedAt);
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
  const own = manifestOf(request, found, { startedAt, finishedAt: new Date(), tools });
  return request.other === undefined ? own : merge(own, request.other);
}

function ownOf(request: Request, versions: Versions): Own {
  const head = request.routerdRange?.split("..")[1];
  const providers = request.substrates.map(({ name }) => name);
  return { ...request, providers, versions, routerdCommit: request.routerdCommit ?? head };
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
