// Changes that no declared property says, as requests in Azure's words, with the way to take each of them back.
import { z } from "zod";
import type { Actions, Form, Undo } from "../../cloud/meddle.ts";
import { runTag } from "../names.ts";
import { powerOff, powerOn } from "./power.ts";
import type { Machine, Subscription } from "./state.ts";
import { byId, put, thingIdOf } from "./subscription.ts";

/** By the action; `Guest` in the form is the guest that it is about, by its logical name. */
export const actions: Actions<Subscription> = {
  "/deallocate": deallocate,
  "/disks": makeDisk,
  "/userData": setUserData,
  "/sshPublicKeys": replaceKey,
  "/networkSecurityGroups": guardNic,
  "/images/withdraw": withdraw,
  "/limits": setLimit,
  "/skus/restrict": restrict,
  "/providers/unregister": unregister,
  "/subscription/disable": disable,
};

function deallocate(subscription: Subscription, form: Form): Undo {
  const guest = guestOf(subscription, form);
  powerOff(subscription, guest);
  guest.power = "deallocated";
  return () => {
    if (guest.power === "deallocated" && byId(subscription.machines, guest.id) === guest)
      powerOn(subscription, guest);
  };
}

/** A disk that nobody declared: in a group of its own with our run's tag, or in our group without any. */
function makeDisk(subscription: Subscription, { Group }: Form): Undo {
  const ours = [...subscription.groups.values()].find(({ tags }) => tags[runTag] !== undefined);
  const run = ours?.tags[runTag];
  if (ours === undefined || run === undefined) throw new Error("no resource group carries a run's tag");
  const group = Group === "ours" ? ours.name : "production";
  const type = "Microsoft.Compute/disks";
  const id = thingIdOf(subscription, group, `${type}/forgotten`);
  const tags: Readonly<Record<string, string>> = Group === "ours" ? {} : { [runTag]: run };
  put(subscription.disks, {
    ...{ id, type, name: "forgotten", group, location: subscription.location, tags },
    ...{ size: 32, sku: "Standard_LRS" },
  });
  return () => void subscription.disks.delete(id.toLowerCase());
}

function setUserData(subscription: Subscription, form: Form): Undo {
  const guest = guestOf(subscription, form);
  const before = guest.userData;
  guest.userData = Buffer.from("#cloud-config\n").toString("base64");
  return () => {
    guest.userData = before;
  };
}

/** Another text under the name of our key. */
function replaceKey({ keys }: Subscription, form: Form): Undo {
  const publicKey = z.string().parse(form.PublicKey);
  const [key] = keys.values();
  if (key === undefined) throw new Error("there is no SSH key");
  const before = key.publicKey;
  key.publicKey = publicKey;
  return () => {
    if (key.publicKey === publicKey) key.publicKey = before;
  };
}

/** A group of its own before one interface: both must let a packet pass then. */
function guardNic(subscription: Subscription, form: Form): Undo {
  const guest = guestOf(subscription, form);
  const nic = byId(subscription.nics, guest.nics[0]?.id);
  if (nic === undefined) throw new Error(`${guest.name} has no interface`);
  const type = "Microsoft.Network/networkSecurityGroups";
  const id = thingIdOf(subscription, "production", `${type}/strict`);
  const head = { id, type, name: "strict", group: "production", location: subscription.location, tags: {} };
  put(subscription.securities, { ...head, rules: [] });
  nic.security = id;
  return () => {
    if (nic.security === id) nic.security = undefined;
    subscription.securities.delete(id.toLowerCase());
  };
}

/** The publisher takes the image back. */
function withdraw({ images }: Subscription): Undo {
  const [image] = images;
  if (image === undefined) throw new Error("there is no image");
  const { state } = image;
  image.state = "Withdrawn";
  return () => {
    image.state = state;
  };
}

/** Azure itself lowers a limit; what runs already goes on. */
function setLimit({ limits }: Subscription, { Name, Limit }: Form): Undo {
  const limit = limits.find(({ name }) => name === Name);
  if (limit === undefined) throw new Error(`no limit ${Name}`);
  const before = limit.limit;
  limit.limit = Number(Limit);
  return () => {
    limit.limit = before;
  };
}

/** The location has no more of a size for this subscription. */
function restrict({ sizes }: Subscription, { Name }: Form): Undo {
  const size = sizes.find(({ name }) => name === Name);
  if (size === undefined) throw new Error(`no size ${Name}`);
  size.restricted = true;
  return () => {
    size.restricted = false;
  };
}

function unregister({ providers }: Subscription, { Name = "" }: Form): Undo {
  const before = providers.get(Name);
  if (before === undefined) throw new Error(`no provider ${Name}`);
  providers.set(Name, "Unregistered");
  return () => void providers.set(Name, before);
}

/** Somebody has not paid. */
function disable(subscription: Subscription): Undo {
  subscription.state = "Warned";
  return () => {
    subscription.state = "Enabled";
  };
}

function guestOf({ machines }: Subscription, { Guest = "" }: Form): Machine {
  const found = [...machines.values()].find(
    ({ computerName, power }) => computerName === Guest && power === "running",
  );
  if (found === undefined) throw new Error(`no virtual machine of ${Guest} is running`);
  return found;
}
