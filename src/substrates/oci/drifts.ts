// Ways to put the substrate out of order in the lab, by name, each with the check that must catch it.
import type { PreparedDrift, PreparedFault } from "../double.ts";

/** What anybody with the tenancy's console could do to the network. */
const networks: readonly PreparedDrift[] = [
  {
    name: "oci-ingress-added",
    summary: "somebody opens a port to the whole internet",
    check: "oci.sg",
    change: {
      set: "security.ingressSecurityRules[5]",
      value: {
        description: "for a moment",
        ...{ protocol: "6", source: "0.0.0.0/0", tcpOptions: { min: 5201, max: 5201 } },
      },
    },
  },
  {
    name: "oci-ingress-missing",
    summary: "the security list lets nothing in any more",
    check: "oci.sg",
    change: { set: "security.ingressSecurityRules", value: [] },
  },
  {
    name: "oci-route-missing",
    summary: "the way to the internet is taken out of the route table",
    check: "oci.routes",
    change: { set: "routes.routeRules", value: [] },
  },
  {
    name: "oci-gateway-disabled",
    summary: "the internet gateway passes nothing any more",
    check: "oci.network",
    change: { set: "gateway.enabled", value: false },
  },
];

const instances: readonly PreparedDrift[] = [
  {
    name: "oci-address-released",
    summary: "a public address is given back",
    check: "oci.pubip",
    change: { delete: "router2-address" },
  },
  {
    name: "oci-address-unassigned",
    summary: "a public address is taken from its instance",
    check: "oci.pubip",
    change: { requests: [{ method: "POST", path: "/UnassignPublicIp", form: { Guest: "client1" } }] },
  },
  {
    name: "oci-dest-check-on",
    summary: "a router's packets for others are dropped before it",
    check: "oci.fwdflag",
    change: { set: "router1.createVnicDetails.skipSourceDestCheck", value: false },
  },
  {
    name: "oci-legacy-metadata",
    summary: "the first version of the metadata service, which asks for no header, is switched on",
    check: "oci.metadata",
    change: { set: "client1.instanceOptions.areLegacyImdsEndpointsDisabled", value: false },
  },
  {
    name: "oci-instance-terminated",
    summary: "an instance is gone",
    check: "oci.bootstrap",
    change: { delete: "client2" },
  },
  {
    name: "oci-instance-stopped",
    summary: "an instance is switched off",
    check: "oci.bootstrap",
    change: { set: "client2.state", value: "STOPPED" },
  },
  {
    name: "oci-shape-changed",
    summary: "an instance runs with less memory",
    check: "oci.bootstrap",
    change: { set: "client2.shapeConfig.memoryInGbs", value: 2 },
  },
  {
    name: "oci-run-tag-changed",
    summary: "an instance carries another run's tag",
    check: "oci.inventory",
    change: { set: "client1.freeformTags.RouterdRunId", value: "run-of-others" },
  },
];

/** What no API tells of. */
const guests: readonly PreparedDrift[] = [
  {
    name: "oci-guest-firewall-shut",
    summary: "a guest's own packet filter lets in no more than its image did",
    check: "g.fw",
    change: { guest: "client1", meddle: "firewall-shut" },
  },
  {
    name: "oci-guest-forwarding-off",
    summary: "a router's kernel passes no packets on",
    check: "oci.fwdflag",
    change: { guest: "router1", meddle: "forwarding-off" },
  },
  {
    name: "oci-guest-cloud-init-failed",
    summary: "cloud-init tells of an error",
    check: "g.cloudinit",
    change: { guest: "client1", meddle: "cloud-init-failed" },
  },
  {
    name: "oci-guest-renamed",
    summary: "a guest calls itself something else",
    check: "g.hostname",
    change: { guest: "client2", meddle: "hostname-changed" },
  },
];

/** What only a person can put right. */
const others: readonly PreparedDrift[] = [
  {
    name: "oci-stray-volume",
    summary: "a volume that nobody declared carries the run's tag",
    check: "oci.inventory",
    byHand: "oci search resource structured-search",
    change: { requests: [{ method: "POST", path: "/CreateVolume" }] },
  },
  {
    name: "oci-stray-subnet",
    summary: "the network has a subnet that nobody declared, open to SSH from everywhere",
    check: "oci.network",
    byHand: "oci network subnet list",
    change: { requests: [{ method: "POST", path: "/CreateSubnet", form: { Cidr: "10.91.9.0/24" } }] },
  },
  {
    name: "oci-image-disabled",
    summary: "the image is taken out of use",
    check: "oci.images",
    byHand: "choose another image in oci:image",
    change: { requests: [{ method: "POST", path: "/DisableImage" }] },
  },
  {
    name: "oci-limit-lowered",
    summary: "fewer cores may be used than are declared",
    check: "oci.quotas",
    byHand: "oci limits service list",
    change: {
      requests: [
        { method: "POST", path: "/LowerLimit", form: { Name: "standard-e4-core-count", Value: "2" } },
      ],
    },
  },
];

/** Changes behind the engine's back. */
export const drifts: readonly PreparedDrift[] = [...networks, ...instances, ...guests, ...others];

/** Ways to break the far end. */
export const faults: readonly PreparedFault[] = [
  {
    name: "oci-api-down",
    summary: "the API refuses connections",
    check: "oci.identity",
    shows: "blocked",
    breaks: "oci/down",
  },
  {
    name: "oci-api-unauthorized",
    summary: "the API key is refused",
    check: "oci.identity",
    shows: "blocked",
    breaks: "oci/unauthorized",
  },
  {
    name: "oci-api-throttled",
    summary: "the API limits all requests",
    check: "oci.identity",
    shows: "blocked",
    breaks: "oci/throttled",
  },
  {
    name: "oci-search-denied",
    summary: "nobody may search",
    check: "oci.inventory",
    shows: "blocked",
    breaks: "oci/denied/SearchResources",
  },
  {
    name: "oci-search-cut-short",
    summary: "the search answers with its first page and fails after it",
    check: "oci.inventory",
    shows: "blocked",
    breaks: "oci/search/later-pages",
  },
  {
    name: "oci-guests-silent",
    summary: "no guest answers anything",
    check: "g.ssh",
    shows: "blocked",
    breaks: "oci/silent",
  },
  {
    name: "oci-guest-silent",
    summary: "one guest answers nothing",
    check: "g.ssh",
    shows: "fail",
    breaks: "oci/client2/silent",
  },
  {
    name: "oci-guest-hostkey",
    summary: "one guest shows another host key than the declared one",
    check: "g.ssh",
    shows: "fail",
    breaks: "oci/router1/hostkey",
  },
  {
    name: "oci-metadata-silent",
    summary: "one guest's metadata service does not answer",
    check: "oci.metadata",
    shows: "fail",
    breaks: "oci/client1/metadata",
  },
];
