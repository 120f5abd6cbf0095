// Whether what guests are made from is there: image, size and key. What is left of quotas is in quotas.ts.
import { z } from "zod";
import type { Check } from "../../../check/check.ts";
import { fail, list, type Outcome, pass, type Sentence, say } from "../../../check/outcome.ts";
import { publicKeyOf } from "../../../probes/key.ts";
import { logical, sameName } from "../names.ts";
import type { Scene } from "../scene.ts";
import { gate } from "./gates.ts";
import { checkQuotas } from "./quotas.ts";
import { sizesOf } from "./skus.ts";

/** azure.quotas, azure.images, azure.shapes and azure.sshkey. */
export function capacityChecks(scene: Scene): readonly Check[] {
  const about = { after: [gate] as const, deadline: 90_000 };
  return [
    { ...about, id: "azure.quotas", observe: (signal) => checkQuotas(scene, signal) },
    { ...about, id: "azure.images", observe: (signal) => checkImage(scene, signal) },
    { ...about, id: "azure.shapes", observe: (signal) => checkShape(scene, signal) },
    { ...about, id: "azure.sshkey", observe: (signal) => checkKey(scene, signal) },
  ];
}

const image = z.object({
  name: z.string(),
  properties: z.object({
    hyperVGeneration: z.string(),
    architecture: z.string(),
    osDiskImage: z.object({ operatingSystem: z.string() }),
    imageDeprecationStatus: z.object({ imageState: z.string() }).optional(),
  }),
});

async function checkImage({ config, arm, subscription, seen }: Scene, signal: AbortSignal): Promise<Outcome> {
  const { publisher, offer, sku, version, generation, architecture } = config.image;
  const place = `${subscription}/providers/Microsoft.Compute/locations/${config.location}/publishers/${publisher}`;
  const path = `${place}/artifacttypes/vmimage/offers/${offer}/skus/${sku}/versions/${version}`;
  const found = await arm.find({ path, version: "2024-07-01", model: image }, signal);
  seen.note("image", { ...config.image, found });
  if (found === undefined) return fail(say`there is no such image in the location`);
  const { properties } = found;
  const wrong: Sentence[] = [
    found.name === version ? [] : say`version`,
    properties.hyperVGeneration === generation ? [] : say`generation`,
    properties.architecture === architecture ? [] : say`architecture`,
    properties.osDiskImage.operatingSystem === "Linux" ? [] : say`operating system`,
    (properties.imageDeprecationStatus?.imageState ?? "Active") !== "Deprecated" ? [] : say`state`,
  ].flat();
  return wrong.length === 0
    ? pass(say`the image is there and the declared one`)
    : fail(say`the image differs in ${list(wrong)}`);
}

/** Offered, not restricted for this subscription or zone, and made for the image. */
async function checkShape(scene: Scene, signal: AbortSignal): Promise<Outcome> {
  const { config } = scene;
  const { zone, image: wanted } = config;
  const sku = (await sizesOf(scene, signal)).get(config.shape);
  if (sku === undefined) return fail(say`the size is not offered in the location`);
  const offered = sku.locationInfo.find(({ location }) => sameName(location, config.location));
  const isRestricted = sku.restrictions.some(
    ({ type, restrictionInfo }) =>
      type === "Location" || (zone !== undefined && restrictionInfo?.zones?.includes(zone)),
  );
  const wrong: Sentence[] = [
    isRestricted ? say`is restricted for this subscription` : [],
    zone === undefined || offered?.zones.includes(zone) ? [] : say`is not offered in the zone`,
    sku.generations.includes(wanted.generation) ? [] : say`does not run images of that generation`,
    sku.architecture === wanted.architecture ? [] : say`does not run images of that architecture`,
  ].flat();
  return wrong.length === 0
    ? pass(say`the size is offered without restriction and runs the image`)
    : fail(say`the size ${list(wrong)}`);
}

const key = z.object({ publicKey: z.string().min(1) });

/** The kept key, and the copy that each machine was given: one changes without the other. */
async function checkKey(scene: Scene, signal: AbortSignal): Promise<Outcome> {
  const { config, functions } = scene;
  scene.idOf(logical.key);
  const token = "azure-native:compute:getSshPublicKey";
  const args = scene.named("sshPublicKeyName", logical.key);
  const [found, machines] = await Promise.all([
    functions.find({ token, args, model: key }, signal),
    Promise.all(config.guests.map((guest) => scene.machine(guest, signal))),
  ]);
  if (found === undefined) return fail(say`there is no such SSH key`);
  const isOurs = (line: string) => line.trim().split(/\s+/).slice(0, 2).join(" ") === declared;
  const declared = publicKeyOf(config.common.sshKey);
  if (!isOurs(found.publicKey)) return fail(say`the SSH key is another one than the declared one`);
  const strange = config.guests.filter((_, index) => {
    const linux = machines[index]?.osProfile.linuxConfiguration;
    return linux !== undefined && !linux.ssh.publicKeys.every(({ keyData }) => isOurs(keyData));
  });
  return strange.length === 0
    ? pass(say`the SSH key is the declared one, and so is what guests were given`)
    : fail(say`given other keys: ${list(strange.map(({ name }) => name))}`);
}
