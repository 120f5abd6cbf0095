// A new tenancy: what was there before us, and how its ids come about.
import type { World } from "../../../world/world.ts";
import type { Instance, Tenancy } from "./state.ts";

const region = "eu-frankfurt-1";
const shape = "VM.Standard.E4.Flex";

/** A tenancy with nothing of its own in it. Images, shapes and limits are what its region offers to it. */
export function newTenancy(world: World): Tenancy {
  const faultDomains = ["FAULT-DOMAIN-1", "FAULT-DOMAIN-2", "FAULT-DOMAIN-3"];
  return {
    world,
    id: "ocid1.tenancy.oc1..exampleuniquetenancyid",
    name: "routerd-lab",
    namespace: "axexamplelab",
    region,
    compartment: { id: "ocid1.compartment.oc1..exampleuniquecompartmentid", name: "release" },
    domains: [
      { name: "Labx:EU-FRANKFURT-1-AD-1", faultDomains, shapes: [shape] },
      { name: "Labx:EU-FRANKFURT-1-AD-2", faultDomains, shapes: [shape] },
      { name: "Labx:EU-FRANKFURT-1-AD-3", faultDomains, shapes: [] },
    ],
    images: [
      {
        id: `ocid1.image.oc1.${region}.exampleuniqueimageid`,
        title: "Canonical-Ubuntu-24.04-2025.10.31-0",
        system: "Canonical Ubuntu",
        version: "24.04",
        createdAt: Date.UTC(2025, 10, 4),
        shapes: [shape],
        state: "AVAILABLE",
      },
    ],
    shapes: [
      {
        name: shape,
        ocpus: [1, 114],
        memory: [1, 1776],
        quotas: ["standard-e4-core-count", "standard-e4-memory-count"],
      },
    ],
    limits: [
      { ...limit("compute", "standard-e4-core-count", 20), scope: "AD", used: sum(({ ocpus }) => ocpus) },
      {
        ...limit("compute", "standard-e4-memory-count", 256),
        scope: "AD",
        used: sum(({ memory }) => memory),
      },
      {
        ...{ ...limit("block-storage", "total-storage-gb", 2_000), scope: "AD" },
        used: ({ volumes }) => [...volumes.values()].reduce((total, { size }) => total + size, 0),
      },
      { ...limit("vcn", "vcn-count", 5), scope: "REGION", used: ({ vcns }) => vcns.size },
      {
        ...{ ...limit("vcn", "reserved-public-ip-count", 10), scope: "REGION" },
        used: ({ addresses }) => addresses.size,
      },
    ],
    users: new Map(),
    vcns: new Map(),
    gateways: new Map(),
    tables: new Map(),
    lists: new Map(),
    subnets: new Map(),
    volumes: new Map(),
    instances: new Map(),
    addresses: new Map(),
    issued: 0,
  };
}

function limit(service: string, name: string, value: number) {
  return { service, name, value };
}

/** Of instances that are not gone: a stopped one counts as well. */
function sum(of: (instance: Instance) => number): (tenancy: Tenancy) => number {
  return ({ instances }) =>
    [...instances.values()].reduce((total, one) => total + (one.state === "TERMINATED" ? 0 : of(one)), 0);
}

/** A new OCID: `ocid1.instance.oc1.eu-frankfurt-1.exampleuniqueid0007`. */
export function newId(tenancy: Tenancy, kind: string): string {
  tenancy.issued += 1;
  return `ocid1.${kind}.oc1.${tenancy.region}.exampleuniqueid${`${tenancy.issued}`.padStart(4, "0")}`;
}

/** A time as the plugin prints it (Go, time.Time.String). */
export function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace("T", " ").replace("Z", " +0000 UTC");
}
