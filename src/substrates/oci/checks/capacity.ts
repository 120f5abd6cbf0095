// Whether what guests are made from is there, and how much of it may be made: limits, image and shape.
import { z } from "zod";
import type { Check } from "../../../check/check.ts";
import { fail, list, type Outcome, pass, say } from "../../../check/outcome.ts";
import type { Scene } from "../scene.ts";
import { gate } from "./gates.ts";
import { checkQuotas } from "./quotas.ts";
import { checkShape } from "./shapes.ts";

/** oci.quotas, oci.images and oci.shapes. */
export function capacityChecks(scene: Scene): readonly Check[] {
  const about = { after: [gate] as const, deadline: 60_000 };
  return [
    { ...about, id: "oci.quotas", observe: (signal) => checkQuotas(scene, signal) },
    { ...about, id: "oci.images", observe: (signal) => checkImage(scene, signal) },
    { ...about, id: "oci.shapes", observe: (signal) => checkShape(scene, signal) },
  ];
}

const image = z.object({
  id: z.string(),
  displayName: z.string(),
  operatingSystem: z.string(),
  operatingSystemVersion: z.string(),
  state: z.string(),
});
const compatibilities = z.object({ imageShapeCompatibilities: z.array(z.object({ shape: z.string() })) });

/** By its id: lists of platform images hold only the newest ones. */
async function checkImage({ config, functions, seen }: Scene, signal: AbortSignal): Promise<Outcome> {
  const args = { imageId: config.image.id };
  const token = "oci:Core/getImageShapes:getImageShapes";
  const [found, { imageShapeCompatibilities: shapes }] = await Promise.all([
    functions.ask({ token: "oci:Core/getImage:getImage", args, model: image }, signal),
    functions.ask({ token, args, model: compatibilities }, signal),
  ]);
  seen.note("image", found);
  const wrong = [
    found.id === config.image.id ? [] : say`id`,
    found.displayName === config.image.name ? [] : say`name`,
    found.operatingSystem === config.image.system ? [] : say`operating system`,
    found.operatingSystemVersion === config.image.version ? [] : say`version`,
    found.state === "AVAILABLE" ? [] : say`state`,
  ].flat();
  if (wrong.length > 0) return fail(say`the image differs in ${list(wrong)}`);
  return shapes.some(({ shape }) => shape === config.shape.name)
    ? pass(say`the image is available, the declared one, and runs on the shape`)
    : fail(say`the image does not run on the shape`);
}
