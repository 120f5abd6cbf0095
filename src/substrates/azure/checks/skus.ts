// Sizes of virtual machines, as Azure's list of what it sells has them.
import { z } from "zod";
import type { Scene } from "../scene.ts";

/** `GET /providers/Microsoft.Compute/skus`: sizes of machines, disks and others in one list. */
const sku = z.object({
  resourceType: z.string(),
  name: z.string(),
  family: z.string().optional(),
  locationInfo: z
    .array(z.object({ location: z.string(), zones: z.array(z.string()).default([]) }))
    .default([]),
  capabilities: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
  restrictions: z
    .array(
      z.object({
        type: z.string(),
        reasonCode: z.string().optional(),
        restrictionInfo: z.object({ zones: z.array(z.string()).optional() }).optional(),
      }),
    )
    .default([]),
});

/** A size, with what it can do in words that can be compared. */
type Sku = z.infer<typeof sku> & {
  readonly vcpus: number;
  readonly generations: readonly string[];
  readonly architecture: string;
};

/** What the location offers, by name. Throws `Unreadable`. */
export async function sizesOf(scene: Scene, signal: AbortSignal): Promise<ReadonlyMap<string, Sku>> {
  const { config, arm, subscription } = scene;
  const path = `${subscription}/providers/Microsoft.Compute/skus`;
  const query = { $filter: `location eq '${config.location}'` };
  const all = await arm.list({ path, version: "2021-07-01", query, model: sku }, signal);
  const sizes = all.filter(({ resourceType }) => resourceType === "virtualMachines");
  return new Map(sizes.map((size) => [size.name, readable(size)]));
}

function readable(found: z.infer<typeof sku>): Sku {
  const told = (name: string) => found.capabilities.find((one) => one.name === name)?.value;
  return {
    ...found,
    vcpus: Number(told("vCPUs") ?? Number.NaN),
    generations: (told("HyperVGenerations") ?? "").split(","),
    // Older sizes do not say it.
    architecture: told("CpuArchitectureType") ?? "x64",
  };
}
