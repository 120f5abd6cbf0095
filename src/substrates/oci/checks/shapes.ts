// Which flexible shapes an availability domain offers for the image, and in which sizes.
import { z } from "zod";
import { fail, type Outcome, pass, say } from "../../../check/outcome.ts";
import type { Scene } from "../scene.ts";

const range = z.object({ min: z.number(), max: z.number() });
const shapes = z.object({
  shapes: z.array(
    z.object({
      name: z.string(),
      isFlexible: z.boolean(),
      ocpuOptions: z.array(range),
      memoryOptions: z.array(z.object({ minInGbs: z.number(), maxInGbs: z.number() })),
      quotaNames: z.array(z.string()),
    }),
  ),
});

/** The shape as it is offered in the domain for the image; none where it is not. Throws `Unreadable`. */
export async function shapeOf(scene: Scene, signal: AbortSignal) {
  const { config } = scene;
  const args = { availabilityDomain: config.domain, imageId: config.image.id };
  const found = await scene.list({ token: "oci:Core/getShapes:getShapes", args, model: shapes }, signal);
  return found.shapes.find(({ name }) => name === config.shape.name);
}

/** oci.shapes */
export async function checkShape(scene: Scene, signal: AbortSignal): Promise<Outcome> {
  const { ocpus, memory } = scene.config.shape;
  const found = await shapeOf(scene, signal);
  if (found === undefined)
    return fail(say`the shape is not offered for the image in the availability domain`);
  const cores = found.ocpuOptions.some(({ min, max }) => min <= ocpus && ocpus <= max);
  const gigabytes = found.memoryOptions.some(
    ({ minInGbs, maxInGbs }) => minInGbs <= memory && memory <= maxInGbs,
  );
  return found.isFlexible && cores && gigabytes
    ? pass(say`the shape is offered for the image, with that many cores and that much memory`)
    : fail(say`the shape is not offered with that many cores and that much memory`);
}
