// Functions about images, shapes, instances and their volumes.
import type { GetBootVolumesResult } from "@pulumi/oci/core/getBootVolumes.js";
import type { GetImageResult } from "@pulumi/oci/core/getImage.js";
import type { GetImageShapesResult } from "@pulumi/oci/core/getImageShapes.js";
import type { GetInstancesResult } from "@pulumi/oci/core/getInstances.js";
import type { GetShapesResult } from "@pulumi/oci/core/getShapes.js";
import type { GetVnicAttachmentsResult } from "@pulumi/oci/core/getVnicAttachments.js";
import type { GetVolumesResult } from "@pulumi/oci/core/getVolumes.js";
import { z } from "zod";
import type { Answer } from "../../../bridged/functions.ts";
import type { Properties } from "../../../double.ts";
import { present } from "../errors.ts";
import type { Api } from "../gateway.ts";
import type { Instance, Tenancy, Volume } from "../state.ts";
import { timeOf } from "../tenancy.ts";
import { toldOf } from "../types/common.ts";
import { functionOf, inCompartment, within } from "./answer.ts";

const ofImage = z.object({ imageId: z.string() });

/** A list's answer, as far as it is looked at: each thing of it partly. */
type Listed<R, K extends keyof R> = Partial<Omit<R, K>> & {
  readonly [key in K]: R[K] extends readonly (infer T)[] ? Partial<T>[] : never;
};

/** By token. */
export const computeFunctions: Readonly<Record<string, Answer<Api>>> = {
  "oci:Core/getImage:getImage": functionOf(
    "GetImage",
    ofImage,
    ({ account }, { imageId }): Partial<GetImageResult> & Properties => {
      const image = present(imageOf(account, imageId), "GetImage");
      return {
        ...{ id: imageId, imageId, displayName: image.title, state: image.state },
        ...{ operatingSystem: image.system, operatingSystemVersion: image.version },
        ...{ timeCreated: timeOf(image.createdAt), launchMode: "NATIVE", listingType: "", baseImageId: "" },
      };
    },
  ),
  "oci:Core/getImageShapes:getImageShapes": functionOf(
    "ListImageShapeCompatibilityEntries",
    ofImage,
    ({ account }, { imageId }): GetImageShapesResult & Properties => ({
      ...{ id: imageId, imageId },
      imageShapeCompatibilities: present(imageOf(account, imageId), "ListImageShapes").shapes.map(
        (shape) => ({
          ...{ imageId, shape, memoryConstraints: [], ocpuConstraints: [] },
        }),
      ),
    }),
  ),
  "oci:Core/getShapes:getShapes": functionOf(
    "ListShapes",
    z.object({ ...within, availabilityDomain: z.string().optional(), imageId: z.string().optional() }),
    ({ account }, asked): Listed<GetShapesResult, "shapes"> & Properties => {
      inCompartment(account, [], asked.compartmentId);
      const domain = account.domains.filter(({ name }) => name === (asked.availabilityDomain ?? name));
      const fitting =
        asked.imageId === undefined ? undefined : (imageOf(account, asked.imageId)?.shapes ?? []);
      const offered = account.shapes.filter(
        ({ name }) => domain.some(({ shapes }) => shapes.includes(name)) && (fitting?.includes(name) ?? true),
      );
      return {
        ...{ id: asked.compartmentId, compartmentId: asked.compartmentId },
        shapes: offered.map(({ name, ocpus, memory, quotas }) => ({
          ...{ name, isFlexible: true, quotaNames: [...quotas], maxVnicAttachments: 2 },
          ocpuOptions: [{ min: ocpus[0], max: ocpus[1], maxPerNumaNode: 64 }],
          memoryOptions: [
            {
              ...{ minInGbs: memory[0], maxInGbs: memory[1], defaultPerOcpuInGbs: 16 },
              ...{ minPerOcpuInGbs: 1, maxPerOcpuInGbs: 64, maxPerNumaNodeInGbs: 1024 },
            },
          ],
        })),
      };
    },
  ),
  "oci:Core/getInstances:getInstances": functionOf(
    "ListInstances",
    z.object({ ...within, state: z.string().optional() }),
    ({ account }, { compartmentId, state }): Listed<GetInstancesResult, "instances"> & Properties => ({
      ...{ id: compartmentId, compartmentId },
      instances: inCompartment(account, account.instances.values(), compartmentId)
        .filter((instance) => instance.state === (state ?? instance.state))
        .map((instance) => instanceOf(account, instance)),
    }),
  ),
  "oci:Core/getVnicAttachments:getVnicAttachments": functionOf(
    "ListVnicAttachments",
    z.object({ ...within, instanceId: z.string().optional() }),
    (
      { account },
      { compartmentId, instanceId },
    ): Listed<GetVnicAttachmentsResult, "vnicAttachments"> & Properties => ({
      ...{ id: compartmentId, compartmentId },
      vnicAttachments: inCompartment(account, account.instances.values(), compartmentId)
        .filter(({ id }) => id === (instanceId ?? id))
        .map(({ id, domain, createdAt, state, vnic }) => ({
          ...{ id: vnic.attachment, instanceId: id, vnicId: vnic.id, subnetId: vnic.subnet, compartmentId },
          ...{ availabilityDomain: domain, timeCreated: timeOf(createdAt), nicIndex: 0, displayName: "" },
          state: state === "TERMINATED" ? "DETACHED" : "ATTACHED",
        })),
    }),
  ),
  "oci:Core/getBootVolumes:getBootVolumes": functionOf(
    "ListBootVolumes",
    z.object(within),
    ({ account }, { compartmentId }): Listed<GetBootVolumesResult, "bootVolumes"> & Properties => ({
      ...{ id: compartmentId, compartmentId, bootVolumes: volumesOf(account, compartmentId, true) },
    }),
  ),
  "oci:Core/getVolumes:getVolumes": functionOf(
    "ListVolumes",
    z.object(within),
    ({ account }, { compartmentId }): Listed<GetVolumesResult, "volumes"> & Properties => ({
      ...{ id: compartmentId, compartmentId, volumes: volumesOf(account, compartmentId, false) },
    }),
  ),
};

function imageOf({ images }: Tenancy, imageId: string) {
  return images.find(({ id }) => id === imageId);
}

function instanceOf(tenancy: Tenancy, instance: Instance): Partial<GetInstancesResult["instances"][number]> {
  return {
    ...{ id: instance.id, ...toldOf(instance), state: instance.state, region: tenancy.region },
    ...{ availabilityDomain: instance.domain, faultDomain: instance.faultDomain, image: instance.image },
    ...{ shape: instance.shape, metadata: { ...instance.metadata }, extendedMetadata: {} },
    shapeConfigs: [
      {
        ...{ ocpus: instance.ocpus, memoryInGbs: instance.memory, vcpus: instance.ocpus * 2, gpus: 0 },
        ...{ baselineOcpuUtilization: "", gpuDescription: "", localDiskDescription: "", localDisks: 0 },
        ...{ localDisksTotalSizeInGbs: 0, localVolumeSizeInGbs: 0, maxVnicAttachments: 2, nvmes: 0 },
        ...{ networkingBandwidthInGbps: 1, processorDescription: "", resourceManagement: "DYNAMIC" },
      },
    ],
    sourceDetails: [
      {
        ...{ sourceType: "image", sourceId: instance.image, kmsKeyId: "", bootVolumeVpusPerGb: "10" },
        bootVolumeSizeInGbs: `${tenancy.volumes.get(instance.volume)?.size ?? 0}`,
        instanceSourceImageFilterDetails: [],
        isPreserveBootVolumeEnabled: false,
      },
    ],
    instanceOptions: [{ areLegacyImdsEndpointsDisabled: instance.legacyOff }],
  };
}

function volumesOf(tenancy: Tenancy, compartmentId: string, boot: boolean) {
  const found = inCompartment(tenancy, tenancy.volumes.values(), compartmentId);
  return found.filter((volume) => volume.boot === boot).map(volumeOf);
}

function volumeOf(volume: Volume) {
  return {
    ...{ id: volume.id, ...toldOf(volume), state: "AVAILABLE", availabilityDomain: volume.domain },
    ...{ sizeInGbs: `${volume.size}`, isHydrated: true, vpusPerGb: "10" },
  };
}
