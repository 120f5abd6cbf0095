// What somebody else has in the same compartment, and had before we came: no tag of ours is on it.
import type { Tenancy } from "./state.ts";
import { newId } from "./tenancy.ts";

/** A network with one instance, which is switched off. */
export function settle(tenancy: Tenancy): void {
  const compartment = tenancy.compartment.id;
  const made = (kind: string) => ({
    ...{ id: newId(tenancy, kind), compartment, title: "production", createdAt: 0 },
    tags: { Project: "something-else" },
  });
  const [vcn, table, list, subnet] = [made("vcn"), made("routetable"), made("securitylist"), made("subnet")];
  tenancy.vcns.set(vcn.id, { ...vcn, cidrs: ["172.31.0.0/16"], table: table.id, list: list.id });
  tenancy.tables.set(table.id, { ...table, vcn: vcn.id, routes: [] });
  tenancy.lists.set(list.id, { ...list, vcn: vcn.id, rules: [] });
  tenancy.subnets.set(subnet.id, {
    ...{ ...subnet, vcn: vcn.id, cidr: "172.31.0.0/20", table: table.id, lists: [list.id] },
    shut: { addresses: true, ingress: true },
  });
  const domain = "Labx:EU-FRANKFURT-1-AD-2";
  const volume = { ...made("bootvolume"), size: 100, boot: true, domain };
  tenancy.volumes.set(volume.id, volume);
  const instance = made("instance");
  tenancy.instances.set(instance.id, {
    ...{
      ...instance,
      domain,
      faultDomain: "FAULT-DOMAIN-2",
      image: tenancy.images[0]?.id ?? "",
      metadata: {},
    },
    ...{ shape: "VM.Standard.E4.Flex", ocpus: 2, memory: 32, legacyOff: true, state: "STOPPED" },
    volume: volume.id,
    vnic: {
      ...{
        id: newId(tenancy, "vnic"),
        attachment: newId(tenancy, "vnicattachment"),
        mac: "02:00:17:ff:ff:01",
      },
      ...{ subnet: subnet.id, address: "172.31.0.10", privateIp: newId(tenancy, "privateip") },
      ...{ unguarded: false, title: "production", tags: {} },
    },
  });
}
