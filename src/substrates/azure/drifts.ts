// Ways to put the substrate out of order in the lab, by name, each with the check that must catch it.
import { generateHostKey } from "../../world/hostkey.ts";
import type { PreparedDrift, PreparedFault } from "../double.ts";

/** What anybody with the portal could do to the network. */
const networks: readonly PreparedDrift[] = [
  {
    name: "azure-ingress-added",
    summary: "somebody opens a port to the whole internet",
    check: "azure.sg",
    change: {
      set: "security.securityRules[6]",
      value: {
        ...{ name: "for-a-moment", priority: 400, direction: "Inbound", access: "Allow", protocol: "Tcp" },
        ...{ sourcePortRange: "*", sourceAddressPrefix: "*" },
        ...{ destinationAddressPrefix: "*", destinationPortRange: "5201" },
      },
    },
  },
  {
    name: "azure-rules-missing",
    summary: "the security group has nothing but Azure's own rules any more",
    check: "azure.sg",
    change: { set: "security.securityRules", value: [] },
  },
  {
    name: "azure-subnet-unguarded",
    summary: "the subnet is taken out of its security group",
    check: "azure.sg",
    change: { set: "subnet.networkSecurityGroup", value: null },
  },
  {
    name: "azure-nic-guarded",
    summary: "one interface gets a security group of its own, which lets nobody in",
    check: "azure.sg",
    change: { requests: [{ method: "PUT", path: "/networkSecurityGroups", form: { Guest: "client2" } }] },
  },
  {
    name: "azure-route-missing",
    summary: "the way to the internet is taken out of the route table",
    check: "azure.routes",
    change: { set: "routes.routes", value: [] },
  },
  {
    name: "azure-route-blackhole",
    summary: "what is meant for the internet is dropped",
    check: "azure.routes",
    change: { set: "routes.routes[0].nextHopType", value: "None" },
  },
  {
    name: "azure-routes-unbound",
    summary: "the subnet follows no route table any more",
    check: "azure.routes",
    change: { set: "subnet.routeTable", value: null },
  },
  {
    name: "azure-network-widened",
    summary: "the network gets a second range",
    check: "azure.network",
    change: { set: "network.addressSpace.addressPrefixes[1]", value: "10.92.0.0/16" },
  },
  {
    name: "azure-outbound-by-default",
    summary: "the subnet lets out who has no public address",
    check: "azure.network",
    change: { set: "subnet.defaultOutboundAccess", value: true },
  },
];

const interfaces: readonly PreparedDrift[] = [
  {
    name: "azure-address-unbound",
    summary: "a public address is taken from its interface",
    check: "azure.pubip",
    change: { set: "client1-nic.ipConfigurations[0].publicIPAddress", value: null },
  },
  {
    name: "azure-forwarding-refused",
    summary: "a router's packets for others are dropped before it",
    check: "azure.fwdflag",
    change: { set: "router1-nic.enableIPForwarding", value: false },
  },
];

const machines: readonly PreparedDrift[] = [
  {
    name: "azure-machine-deleted",
    summary: "a virtual machine is gone",
    check: "azure.vm",
    change: { delete: "client2" },
  },
  {
    name: "azure-machine-deallocated",
    summary: "a virtual machine is switched off, which no declared property says",
    check: "azure.vm",
    change: { requests: [{ method: "POST", path: "/deallocate", form: { Guest: "client2" } }] },
  },
  {
    name: "azure-size-changed",
    summary: "a virtual machine runs on a smaller size",
    check: "azure.bootstrap",
    change: { set: "client2.hardwareProfile.vmSize", value: "Standard_B1s" },
  },
  {
    name: "azure-user-data-changed",
    summary: "a virtual machine's user data is another, which is told only to those who ask for it",
    check: "azure.bootstrap",
    change: { requests: [{ method: "PUT", path: "/userData", form: { Guest: "client1" } }] },
  },
  {
    name: "azure-run-tag-changed",
    summary: "a virtual machine carries another run's tag",
    check: "azure.inventory",
    change: { set: "client1.tags.routerd-run-id", value: "run-of-others" },
  },
  {
    name: "azure-key-replaced",
    summary: "the SSH key is replaced by another under its name",
    check: "azure.sshkey",
    change: {
      requests: [{ method: "PUT", path: "/sshPublicKeys", form: { PublicKey: generateHostKey().publicKey } }],
    },
  },
];

/** What no API tells of. */
const guests: readonly PreparedDrift[] = [
  {
    name: "azure-guest-forwarding-off",
    summary: "a router's kernel passes no packets on",
    check: "azure.fwdflag",
    change: { guest: "router1", meddle: "forwarding-off" },
  },
  {
    name: "azure-guest-cloud-init-failed",
    summary: "cloud-init tells of an error",
    check: "g.cloudinit",
    change: { guest: "client1", meddle: "cloud-init-failed" },
  },
  {
    name: "azure-guest-renamed",
    summary: "a guest calls itself something else",
    check: "g.hostname",
    change: { guest: "client2", meddle: "hostname-changed" },
  },
];

/** What only a person can put right. */
const others: readonly PreparedDrift[] = [
  {
    name: "azure-stray-disk",
    summary: "a disk that nobody declared carries the run's tag",
    check: "azure.inventory",
    byHand: "az resource list --tag",
    change: { requests: [{ method: "PUT", path: "/disks", form: { Group: "others" } }] },
  },
  {
    name: "azure-untagged-disk",
    summary: "a disk that nobody declared stands in our resource group, without any tag",
    check: "azure.inventory",
    byHand: "az resource list -g",
    change: { requests: [{ method: "PUT", path: "/disks", form: { Group: "ours" } }] },
  },
  {
    name: "azure-image-withdrawn",
    summary: "the publisher of the image takes it back",
    check: "azure.images",
    byHand: "az vm image list",
    change: { requests: [{ method: "DELETE", path: "/images/withdraw" }] },
  },
  {
    name: "azure-quota-lowered",
    summary: "fewer cores of the family may run than are declared",
    check: "azure.quotas",
    byHand: "az vm list-usage",
    change: {
      requests: [{ method: "PUT", path: "/limits", form: { Name: "standardBSFamily", Limit: "4" } }],
    },
  },
  {
    name: "azure-size-restricted",
    summary: "the size can not be had in the location any more",
    check: "azure.shapes",
    byHand: "az vm list-skus",
    change: { requests: [{ method: "PUT", path: "/skus/restrict", form: { Name: "Standard_B2s" } }] },
  },
  {
    name: "azure-provider-unregistered",
    summary: "the subscription is no longer registered for networks",
    check: "azure.regions",
    byHand: "az provider register",
    change: {
      requests: [{ method: "POST", path: "/providers/unregister", form: { Name: "Microsoft.Network" } }],
    },
  },
  {
    name: "azure-subscription-warned",
    summary: "the subscription is about to be disabled",
    check: "azure.identity",
    byHand: "az account show",
    change: { requests: [{ method: "POST", path: "/subscription/disable" }] },
  },
];

/** Changes behind the engine's back. */
export const drifts: readonly PreparedDrift[] = [
  ...[...networks, ...interfaces, ...machines],
  ...[...guests, ...others],
];

const faultThat =
  (shows: PreparedFault["shows"]) =>
  (name: string, summary: string, check: string, breaks: string): PreparedFault => ({
    ...{ name: `azure-${name}`, summary, check, shows, breaks: `azure/${breaks}` },
  });
const hides = faultThat("blocked");
const shows = faultThat("fail");

/** Ways to break the far end. */
export const faults: readonly PreparedFault[] = [
  hides("api-down", "the API refuses connections", "azure.identity", "down"),
  hides("api-unauthorized", "the credentials are refused", "azure.identity", "unauthorized"),
  hides("token-expired", "the token has expired", "azure.identity", "expired"),
  hides("api-throttled", "the API limits all requests", "azure.identity", "throttled"),
  hides("api-garbage", "something else answers in the resource manager's place", "azure.identity", "garbage"),
  hides("pages-lost", "lists end after their first page, with an error", "azure.inventory", "pages"),
  hides(
    ...(["resources-denied", "nobody may list what carries a tag", "azure.inventory"] as const),
    "denied/Microsoft.Resources/subscriptions/resources/read",
  ),
  hides(
    ...(["effective-denied", "nobody may ask for the routes in force", "azure.routes"] as const),
    "denied/Microsoft.Network/networkInterfaces/effectiveRouteTable/action",
  ),
  hides("guests-silent", "no guest answers anything", "g.ssh", "silent"),
  shows("guest-silent", "one guest answers nothing", "g.ssh", "client2/silent"),
  shows(
    "guest-hostkey",
    "one guest shows another host key than the declared one",
    "g.ssh",
    "router1/hostkey",
  ),
  shows(
    "metadata-silent",
    "one guest's metadata service does not answer",
    "azure.metadata",
    "client1/metadata",
  ),
];
