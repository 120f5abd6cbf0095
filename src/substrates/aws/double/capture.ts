// Remembering one thing, by the engine's type and id, and putting exactly that back.
import { entry, type Restore, type Ways } from "../../cloud/capture.ts";
import { machineId } from "./lower.ts";
import { powerOff, powerOn } from "./power.ts";
import type { Account, Instance, Tags } from "./state.ts";

/** By the type's token. */
export const ways: Ways<Account> = {
  "aws:ec2/eip:Eip": ({ addresses }, id) => entry(addresses, id, titled),
  "aws:ec2/instance:Instance": captureInstance,
  "aws:ec2/internetGateway:InternetGateway": ({ gateways }, id) => entry(gateways, id, titled),
  "aws:ec2/keyPair:KeyPair": ({ keys }, id) => entry(keys, id, titled),
  "aws:ec2/routeTable:RouteTable": ({ tables }, id) => entry(tables, id, titled),
  "aws:ec2/routeTableAssociation:RouteTableAssociation": ({ associations }, id) =>
    entry(associations, id, ({ subnet }) => subnet),
  "aws:ec2/securityGroup:SecurityGroup": ({ groups }, id) => entry(groups, id, titled),
  "aws:ec2/subnet:Subnet": ({ subnets }, id) => entry(subnets, id, titled),
  "aws:ec2/vpc:Vpc": ({ vpcs }, id) => entry(vpcs, id, titled),
};

/** What a thing is called, whatever its id. */
function titled({ tags }: { readonly tags: Tags }): string | undefined {
  return tags.Name;
}

/** With its disk, its volume and its public address; it runs again where it ran. */
function captureInstance(account: Account, id: string): Restore {
  const running = account.world.machines.get(machineId(id));
  const own = account.instances.get(id);
  const before: Instance | undefined = own && structuredClone({ ...own, disk: running?.system ?? own.disk });
  const volume = entry(account.volumes, own?.volume ?? "", ({ id: each }) => each);
  const addresses = [...account.addresses.values()].filter(({ association }) => association?.instance === id);
  const associations = addresses.map((address) => entry(account.addresses, address.id, titled));
  return () => {
    const now = account.instances.get(id);
    const others = [...account.instances.values()].filter(({ state }) => state !== "terminated");
    if (others.some((other) => other.id !== id && other.address === before?.address)) return;
    if (now !== undefined) powerOff(account, now);
    account.instances.delete(id);
    if (before === undefined) return;
    for (const restore of [volume, ...associations]) restore();
    const again = structuredClone(before);
    account.instances.set(id, again);
    if (again.state === "running") powerOn(account, again);
  };
}
