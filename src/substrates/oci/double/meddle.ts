// Changes that no declared property says, as requests in OCI's words, with the way to take each of them back.
import type { Actions, Form, Undo } from "../../cloud/meddle.ts";
import { runTag } from "../names.ts";
import { labelOf } from "./power.ts";
import type { Instance, Tenancy } from "./state.ts";
import { newId } from "./tenancy.ts";
import { assign } from "./types/address.ts";

/** By the operation; `Guest` in the form is the guest that it is about, by its logical name. */
export const actions: Actions<Tenancy> = {
  "/UnassignPublicIp": unassign,
  "/CreateVolume": createVolume,
  "/CreateSubnet": createSubnet,
  "/DisableImage": disableImage,
  "/LowerLimit": lowerLimit,
};

function unassign(tenancy: Tenancy, form: Form): Undo {
  const { vnic } = guestOf(tenancy, form);
  const address = [...tenancy.addresses.values()].find(({ privateIp }) => privateIp === vnic.privateIp);
  if (address === undefined) throw new Error(`${vnic.title} has no public address`);
  delete address.privateIp;
  return () => {
    const now = [...tenancy.addresses.values()].some(({ privateIp }) => privateIp === vnic.privateIp);
    if (address.privateIp === undefined && !now) assign(tenancy, address.id, vnic.privateIp);
  };
}

/** A volume that nobody declared, with the tag of the run that the compartment's network belongs to. */
function createVolume(tenancy: Tenancy): Undo {
  const run = [...tenancy.vcns.values()].flatMap(({ tags }) => tags[runTag] ?? [])[0];
  if (run === undefined) throw new Error("no network carries a run's tag");
  const id = newId(tenancy, "volume");
  tenancy.volumes.set(id, {
    ...{ id, compartment: tenancy.compartment.id, title: "scratch", createdAt: tenancy.world.now() },
    ...{ tags: { [runTag]: run }, size: 50, boot: false, domain: tenancy.domains[0]?.name ?? "" },
  });
  return () => void tenancy.volumes.delete(id);
}

/** A second subnet in the network of ours, under its default list, which lets SSH in from everywhere. */
function createSubnet(tenancy: Tenancy, { Cidr = "" }: Form): Undo {
  const vcn = [...tenancy.vcns.values()].find(({ tags }) => tags[runTag] !== undefined);
  if (vcn === undefined) throw new Error("no network carries a run's tag");
  const id = newId(tenancy, "subnet");
  tenancy.subnets.set(id, {
    ...{ id, compartment: vcn.compartment, title: "extra", createdAt: tenancy.world.now(), tags: {} },
    ...{ vcn: vcn.id, cidr: Cidr, table: vcn.table, lists: [vcn.list] },
    shut: { addresses: false, ingress: false },
  });
  return () => void tenancy.subnets.delete(id);
}

/** The image that guests are made from is taken out of use. */
function disableImage({ images }: Tenancy): Undo {
  const [image] = images;
  if (image === undefined) throw new Error("there is no image");
  const { state } = image;
  image.state = "DISABLED";
  return () => {
    image.state = state;
  };
}

/** Oracle itself lowers a limit; what is there already stays. */
function lowerLimit({ limits }: Tenancy, { Name, Value }: Form): Undo {
  const limit = limits.find(({ name }) => name === Name);
  if (limit === undefined) throw new Error(`no limit ${Name}`);
  const { value } = limit;
  limit.value = Number(Value);
  return () => {
    limit.value = value;
  };
}

function guestOf({ instances }: Tenancy, { Guest = "" }: Form): Instance {
  const found = [...instances.values()].find(
    (instance) => instance.state === "RUNNING" && labelOf(instance) === Guest,
  );
  if (found === undefined) throw new Error(`no instance of ${Guest} is running`);
  return found;
}
