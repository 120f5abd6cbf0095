// Changes that no declared property says, as requests in EC2's words, with the way to take each of them back.
import { z } from "zod";
import type { Actions, Form, Undo } from "../../cloud/meddle.ts";
import { runTag } from "../names.ts";
import { newId } from "./account.ts";
import { labelOf, powerOff, powerOn } from "./power.ts";
import type { Account, Instance } from "./state.ts";
import { associate } from "./types/address.ts";

/** By the action; `Guest` in the form is the guest that it is about, by its logical name. */
export const actions: Actions<Account> = {
  "/StopInstances": stop,
  "/DisassociateAddress": disassociate,
  "/CreateVolume": createVolume,
  "/ImportKeyPair": importKey,
  "/DeregisterImage": deregister,
  "/LowerQuota": lowerQuota,
};

function stop(account: Account, form: Form): Undo {
  const guest = guestOf(account, form);
  powerOff(account, guest);
  guest.state = "stopped";
  return () => {
    if (guest.state === "stopped" && account.instances.get(guest.id) === guest) powerOn(account, guest);
  };
}

function disassociate(account: Account, form: Form): Undo {
  const guest = guestOf(account, form);
  const address = [...account.addresses.values()].find(
    ({ association }) => association?.instance === guest.id,
  );
  if (address === undefined) throw new Error(`${guest.id} has no public address`);
  delete address.association;
  return () => {
    if (address.association === undefined && guest.state === "running")
      associate(account, address.id, guest.id);
  };
}

/** A volume that nobody declared, with the tag of the run that the account's network belongs to. */
function createVolume(account: Account): Undo {
  const id = newId(account, "vol");
  const run = [...account.vpcs.values()].flatMap(({ tags }) => tags[runTag] ?? [])[0];
  if (run === undefined) throw new Error("no network carries a run's tag");
  account.volumes.set(id, { id, size: 1, type: "gp3", encrypted: false, tags: { [runTag]: run } });
  return () => void account.volumes.delete(id);
}

/** Another key under the name of ours, as whoever deletes and imports it leaves it. */
function importKey(account: Account, form: Form): Undo {
  const publicKey = z.string().parse(form.PublicKeyMaterial);
  const [key] = account.keys.values();
  if (key === undefined) throw new Error("there is no key pair");
  const other = { ...key, id: newId(account, "key"), publicKey };
  account.keys.set(key.name, other);
  return () => {
    if (account.keys.get(key.name) === other) account.keys.set(key.name, key);
  };
}

/** The image that guests are made from is withdrawn by its owner. */
function deregister({ images }: Account): Undo {
  const [image] = images;
  if (image === undefined) throw new Error("there is no image");
  const { state } = image;
  image.state = "deregistered";
  return () => {
    image.state = state;
  };
}

/** AWS itself lowers a limit; what runs already goes on. */
function lowerQuota({ quotas }: Account, { QuotaCode, Value }: Form): Undo {
  const quota = quotas.find(({ code }) => code === QuotaCode);
  if (quota === undefined) throw new Error(`no quota ${QuotaCode}`);
  const { value } = quota;
  quota.value = Number(Value);
  return () => {
    quota.value = value;
  };
}

function guestOf(account: Account, { Guest = "" }: Form): Instance {
  const running = [...account.instances.values()].filter(({ state }) => state === "running");
  const found = running.find((instance) => labelOf(instance) === Guest);
  if (found === undefined) throw new Error(`no instance of ${Guest} is running`);
  return found;
}
