// The search service's language, as far as anybody here speaks it, and what it finds in a tenancy.
import type { Tags, Tenancy } from "../state.ts";
import { timeOf } from "../tenancy.ts";

/** One resource as the service sums it up. */
type Summary = {
  readonly resourceType: string;
  readonly identifier: string;
  readonly compartmentId: string;
  readonly displayName: string;
  readonly lifecycleState: string;
  readonly timeCreated: string;
  readonly freeformTags: Tags;
};

/** `query all resources where (freeformTags.key = 'K' && freeformTags.value = 'V')`, the value or not; none: not understood. */
export function find(tenancy: Tenancy, query: string): readonly Summary[] | undefined {
  const shape =
    /^query all resources where \(freeformTags\.key = '([^']+)'(?: && freeformTags\.value = '([^']+)')?\)$/;
  const [whole, key = "", value] = shape.exec(query) ?? [];
  if (whole === undefined) return undefined;
  return everything(tenancy).filter(({ freeformTags }) => {
    const own = freeformTags[key];
    return own !== undefined && own === (value ?? own);
  });
}

/** All that the service keeps an index of, gone instances among it. */
function everything(tenancy: Tenancy): Summary[] {
  const kinds = [
    ["Vcn", tenancy.vcns],
    ["Subnet", tenancy.subnets],
    ["InternetGateway", tenancy.gateways],
    ["RouteTable", tenancy.tables],
    ["SecurityList", tenancy.lists],
    ["PublicIp", tenancy.addresses],
  ] as const;
  const summary = (
    resourceType: string,
    thing: { id: string; title: string; tags: Tags; compartment: string; createdAt: number },
    lifecycleState = "AVAILABLE",
  ): Summary => ({
    ...{ resourceType, identifier: thing.id, displayName: thing.title, lifecycleState },
    ...{ compartmentId: thing.compartment, freeformTags: { ...thing.tags } },
    timeCreated: timeOf(thing.createdAt).replace(" ", "T").replace(" +0000 UTC", "Z"),
  });
  return [
    ...kinds.flatMap(([kind, things]) => [...things.values()].map((thing) => summary(kind, thing))),
    ...[...tenancy.volumes.values()].map((volume) => summary(volume.boot ? "BootVolume" : "Volume", volume)),
    ...[...tenancy.instances.values()].flatMap((instance) => [
      summary("Instance", instance, instance.state),
      ...(instance.state === "TERMINATED" ? [] : [summary("Vnic", { ...instance, ...instance.vnic })]),
    ]),
  ];
}
