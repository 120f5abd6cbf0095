// The instance metadata service in Azure's dialect (Azure docs, "Azure Instance Metadata Service").
import type { MetadataAnswer, MetadataRequest } from "../../../world/machine.ts";
import type { Machine, Subscription } from "./state.ts";
import { byId } from "./subscription.ts";

/** Answers a request of a machine. It can not be switched off, and neither can its header. */
export function metadataOf(
  subscription: Subscription,
  machine: Machine,
  { method, path, headers }: MetadataRequest,
): MetadataAnswer {
  const { pathname, searchParams } = new URL(path, "http://169.254.169.254");
  if (headers.metadata?.toLowerCase() !== "true" || headers["x-forwarded-for"] !== undefined)
    return refusal(400, "Bad request. Required metadata header not specified");
  if (method !== "GET") return refusal(405, "Method not allowed");
  if (pathname !== "/metadata/instance") return refusal(404, "Not found");
  if (!/^20\d\d-\d\d-\d\d$/.test(searchParams.get("api-version") ?? ""))
    return refusal(400, "Bad request. api-version was not specified in the request");
  return { status: 200, body: JSON.stringify(instance(subscription, machine)) };
}

function refusal(status: number, error: string): MetadataAnswer {
  return { status, body: JSON.stringify({ error }) };
}

function instance(subscription: Subscription, machine: Machine) {
  const { vmId, name, location, group, shape, zones, tags } = machine;
  return {
    compute: {
      ...{ vmId, name, location, subscriptionId: subscription.id, resourceGroupName: group },
      ...{
        vmSize: shape,
        zone: zones[0] ?? "",
        resourceId: machine.id,
        osType: "Linux",
        provider: "Microsoft.Compute",
      },
      tagsList: Object.entries(tags).map(([key, value]) => ({ name: key, value })),
    },
    network: {
      interface: machine.nics.flatMap(({ id }) => {
        const nic = byId(subscription.nics, id);
        const subnet = byId(subscription.subnets, nic?.subnet);
        if (nic === undefined || subnet === undefined) return [];
        const [address = "", prefix = ""] = subnet.prefix.split("/");
        // Public addresses of the Standard SKU are not told here.
        const ipAddress = [{ privateIpAddress: nic.address, publicIpAddress: "" }];
        return [
          { ipv4: { ipAddress, subnet: [{ address, prefix }] }, macAddress: nic.mac.replaceAll("-", "") },
        ];
      }),
    },
  };
}
