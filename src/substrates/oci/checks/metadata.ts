// The metadata service as declared and as the guest meets it: by its second version, and by that alone.
import { fail, type Outcome, pass, say } from "../../../check/outcome.ts";
import type { Visit } from "../../../probes/guest.ts";
import { metadataProbe, readMetadata } from "../../../probes/readers/metadata.ts";
import type { CloudGuest } from "../../cloud/topology.ts";
import type { Scene } from "../scene.ts";

const header = "Authorization: Bearer Oracle";
const ask = (id: string, path: string, headers: readonly string[]) =>
  metadataProbe(id, { method: "GET", path, headers });
const legacy = ask("imds-v1", "/opc/v1/instance/id", []);
const bare = ask("imds-bare", "/opc/v2/instance/id", []);
const proper = ask("imds-v2", "/opc/v2/instance/id", [header]);

type Asked = { readonly inside: Visit; readonly signal: AbortSignal };

/** OCI documentation, "Instance Metadata Service v2": the header is demanded; /opc/v1 is 404 where it is switched off. */
export async function checkMetadata(
  scene: Scene,
  guest: CloudGuest,
  { inside, signal }: Asked,
): Promise<Outcome> {
  const { name } = guest;
  const instance = await scene.instance(guest, signal);
  if (instance === undefined) return fail(say`${name} does not exist`);
  if (instance.instanceOptions[0]?.areLegacyImdsEndpointsDisabled !== true)
    return fail(say`the first version of the metadata service is not switched off for ${name}`);
  const readings = await inside.run([legacy, bare, proper], signal);
  const old = readMetadata(readings.get(legacy.id));
  const unprotected = readMetadata(readings.get(bare.id));
  const told = readMetadata(readings.get(proper.id));
  if (old.status === 200) return fail(say`${name} is answered by the first version`);
  if (unprotected.status === 200) return fail(say`${name} is answered without the header`);
  if (told.status !== 200) return fail(say`${name} is not answered by the second version`);
  return told.body === instance.id
    ? pass(say`${name} is told who it is, and only by the second version with its header`)
    : fail(say`${name} is told to be another instance`);
}
