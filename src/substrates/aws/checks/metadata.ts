// The metadata service as declared and as the guest meets it: by token, and by token alone.
import { fail, list, type Outcome, pass, type Sentence, say } from "../../../check/outcome.ts";
import type { Visit } from "../../../probes/guest.ts";
import { metadataProbe, readMetadata } from "../../../probes/readers/metadata.ts";
import type { CloudGuest } from "../../cloud/topology.ts";
import type { Scene } from "../scene.ts";

const header = "X-aws-ec2-metadata-token";
const path = "/latest/meta-data/instance-id";
const bare = metadataProbe("imds-bare", { method: "GET", path, headers: [] });
const token = metadataProbe("imds-token", {
  method: "PUT",
  path: "/latest/api/token",
  headers: [`${header}-ttl-seconds: 60`],
});

type Asked = { readonly inside: Visit; readonly signal: AbortSignal };

/** EC2 User Guide, "Use the Instance Metadata Service": 401 where a token is demanded and none shown. */
export async function checkMetadata(
  scene: Scene,
  guest: CloudGuest,
  { inside, signal }: Asked,
): Promise<Outcome> {
  const instance = await scene.instance(guest, signal);
  const [options] = instance?.metadataOptions ?? [];
  if (instance === undefined || options === undefined) return fail(say`${guest.name} does not exist`);
  const wrong: Sentence[] = [
    options.httpEndpoint === "enabled" ? [] : say`endpoint`,
    options.httpTokens === "required" ? [] : say`tokens`,
    options.httpPutResponseHopLimit === 1 ? [] : say`hop limit`,
    options.instanceMetadataTags === "disabled" ? [] : say`tags`,
  ].flat();
  if (wrong.length > 0) return fail(say`the metadata options of ${guest.name} differ in ${list(wrong)}`);
  const first = await inside.run([token, bare], signal);
  const unprotected = readMetadata(first.get(bare.id));
  const given = readMetadata(first.get(token.id));
  if (unprotected.status === 200) return fail(say`${guest.name} is answered without a token`);
  if (given.status !== 200) return fail(say`${guest.name} is given no token`);
  const asked = metadataProbe("imds-id", { method: "GET", path, headers: [`${header}: ${given.body}`] });
  const told = readMetadata((await inside.run([asked], signal)).get(asked.id));
  if (told.status !== 200) return fail(say`${guest.name} is not answered with a token`);
  return told.body === instance.id
    ? pass(say`${guest.name} is told who it is, and only with a token`)
    : fail(say`${guest.name} is told to be another instance`);
}
