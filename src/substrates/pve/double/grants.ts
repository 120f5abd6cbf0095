// What the lab's tokens may: exactly the rights that the README asks for, given where they reach all places of a kind.
import { type Place, rights } from "../rights.ts";

/** The lab does not know which VMs, bridges and datastores will be declared. */
const paths: Readonly<Record<Place, string>> = {
  "the datacenter": "/",
  "the nodes": "/nodes",
  "nodes with bridges": "/nodes",
  "all VMs": "/vms",
  "the template": "/vms",
  "a template of our own": "/vms",
  "the guests": "/vms",
  "guests on other nodes than the template": "/vms",
  "the datastore of the VMs": "/storage",
  "the datastore of the image": "/storage",
  "the node of the image": "/nodes",
  "the bridges": "/sdn/zones/localnetwork",
  "the template's bridge": "/sdn/zones/localnetwork",
  "the pool": "/pool",
};

/** Privileges by path, of a token that looks, or one that repairs as well. */
export function grants(purpose: "look" | "repair"): Readonly<Record<string, readonly string[]>> {
  const granted = new Map<string, readonly string[]>();
  for (const { place, look, repair } of rights) {
    const own: readonly string[] = purpose === "look" ? look : [...look, ...repair];
    granted.set(paths[place], [...new Set([...(granted.get(paths[place]) ?? []), ...own])]);
  }
  return Object.fromEntries(granted);
}
