// The metadata service as the guest meets it: with its header, and without it not at all.
import { z } from "zod";
import { fail, type Outcome, pass, say } from "../../../check/outcome.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import type { Visit } from "../../../probes/guest.ts";
import { metadataProbe, readMetadata } from "../../../probes/readers/metadata.ts";
import type { CloudGuest } from "../../cloud/topology.ts";
import { groupOf, sameName, titleOf } from "../names.ts";
import type { Scene } from "../scene.ts";

const path = "/metadata/instance?api-version=2021-02-01";
const bare = metadataProbe("imds-bare", { method: "GET", path, headers: [] });
const marked = metadataProbe("imds", { method: "GET", path, headers: ["Metadata: true"] });

const document = z.object({
  compute: z.object({
    vmId: z.string(),
    name: z.string(),
    location: z.string(),
    subscriptionId: z.string(),
    resourceGroupName: z.string(),
  }),
});

type Asked = { readonly inside: Visit; readonly signal: AbortSignal };

/**
 * Azure docs, "Azure Instance Metadata Service": without the header it answers 400, whatever is declared. The public
 * address is not looked at: it is empty there for the Standard SKU.
 */
export async function checkMetadata(
  scene: Scene,
  guest: CloudGuest,
  { inside, signal }: Asked,
): Promise<Outcome> {
  const { config } = scene;
  const [machine, readings] = await Promise.all([
    scene.machine(guest, signal),
    inside.run([bare, marked], signal),
  ]);
  if (machine === undefined) return fail(say`${guest.name} does not exist`);
  const unprotected = readMetadata(readings.get(bare.id));
  const told = readMetadata(readings.get(marked.id));
  if (unprotected.status === 200) return fail(say`${guest.name} is answered without the header`);
  // Asked too often, which is no fault of the guest's.
  if (told.status === 429) throw new Unreadable("throttled", "the metadata service");
  if (told.status !== 200) return fail(say`${guest.name} is not answered with the header`);
  const { compute } = parse(told.body);
  const isOwn =
    sameName(compute.vmId, machine.vmId) &&
    compute.subscriptionId === config.subscription &&
    sameName(compute.resourceGroupName, groupOf(config)) &&
    sameName(compute.location, config.location) &&
    compute.name === titleOf(config, guest.name);
  return isOwn
    ? pass(say`${guest.name} is told who it is, and only with the header`)
    : fail(say`${guest.name} is told to be another machine`);
}

function parse(body: string): z.infer<typeof document> {
  try {
    return document.parse(JSON.parse(body));
  } catch (cause) {
    throw new Unreadable("unparsable", "the metadata service", { cause });
  }
}
