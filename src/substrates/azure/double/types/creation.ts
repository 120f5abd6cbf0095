// What Azure refuses when a virtual machine is to be made.
import { ArmError, notFound, present } from "../errors.ts";
import type { Subscription } from "../state.ts";
import { byId } from "../subscription.ts";
import { usedCores } from "../usage.ts";
import type { MachineInputs } from "./wanted.ts";

/** Throws `ArmError`. */
export function refuseCreation(subscription: Subscription, wanted: MachineInputs): void {
  const { vmSize } = wanted.hardwareProfile;
  const [zone] = wanted.zones ?? [];
  const size = subscription.sizes.find(({ name }) => name === vmSize);
  if (size === undefined)
    throw new ArmError(400, "InvalidParameter", `The value ${vmSize} provided for the VM size is not valid.`);
  if (size.restricted || (zone !== undefined && !size.zones.includes(zone)))
    throw new ArmError(409, "SkuNotAvailable", `The requested VM size ${vmSize} is not available.`);
  refuseImage(subscription, wanted);
  for (const { name, need } of [
    { name: "cores", need: size.vcpus },
    { name: size.family, need: size.vcpus },
  ]) {
    const most = subscription.limits.find((limit) => limit.name === name)?.limit ?? 0;
    const used = usedCores(subscription, name === "cores" ? undefined : name);
    if (used + need > most)
      throw new ArmError(
        409,
        "OperationNotAllowed",
        `Operation could not be completed as it results in exceeding approved ${name} quota.`,
      );
  }
  for (const { id } of wanted.networkProfile.networkInterfaces) {
    const nic = present(byId(subscription.nics, id), () => notFound(id));
    const users = [...subscription.machines.values()].filter(({ nics }) =>
      nics.some((one) => one.id === nic.id),
    );
    if (users.length > 0)
      throw new ArmError(400, "NicInUse", `Network Interface ${id} is used by an existing VM.`);
  }
}

function refuseImage(
  { images, sizes }: Subscription,
  { storageProfile, hardwareProfile }: MachineInputs,
): void {
  const { publisher, offer, sku, version } = storageProfile.imageReference;
  const image = images.find(
    (one) =>
      [one.publisher, one.offer, one.sku, one.version].join("/") ===
      [publisher, offer, sku, version].join("/"),
  );
  if (image === undefined || image.state === "Withdrawn")
    throw new ArmError(404, "PlatformImageNotFound", `The platform image '${version}' is not available.`);
  const size = sizes.find(({ name }) => name === hardwareProfile.vmSize);
  if (size?.generations.includes(image.generation) !== true)
    throw new ArmError(
      400,
      "BadRequest",
      `The selected VM size cannot boot Hypervisor Generation '${image.generation}'.`,
    );
}
