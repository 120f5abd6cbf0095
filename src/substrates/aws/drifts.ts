// Ways to put the substrate out of order in the lab, by name, each with the check that must catch it.
import { generateHostKey } from "../../world/hostkey.ts";
import type { PreparedDrift, PreparedFault } from "../double.ts";

/** What anybody with the account's console could do to the network. */
const networks: readonly PreparedDrift[] = [
  {
    name: "aws-ingress-added",
    summary: "somebody opens a port to the whole internet",
    check: "aws.sg",
    change: {
      set: "security.ingress[5]",
      value: {
        description: "for a moment",
        protocol: "tcp",
        fromPort: 5201,
        toPort: 5201,
        cidrBlocks: ["0.0.0.0/0"],
      },
    },
  },
  {
    name: "aws-ingress-missing",
    summary: "the security group lets nothing in any more",
    check: "aws.sg",
    change: { set: "security.ingress", value: [] },
  },
  {
    name: "aws-wireguard-shut",
    summary: "WireGuard is let in from inside the network alone: other sites can not begin a flow",
    check: "aws.sg",
    change: { set: "security.ingress[4].cidrBlocks", value: ["10.90.0.0/16"] },
  },
  {
    name: "aws-route-missing",
    summary: "the way to the internet is taken out of the route table",
    check: "aws.routes",
    change: { set: "routes.routes", value: [] },
  },
  {
    name: "aws-route-association-lost",
    summary: "the subnet falls back to its network's main route table",
    check: "aws.routes",
    change: { delete: "routes-subnet" },
  },
  {
    name: "aws-dns-off",
    summary: "the network no longer answers for names",
    check: "aws.network",
    change: { set: "network.enableDnsSupport", value: false },
  },
  {
    name: "aws-public-by-default",
    summary: "the subnet gives every new instance a public address",
    check: "aws.network",
    change: { set: "subnet.mapPublicIpOnLaunch", value: true },
  },
];

const addresses: readonly PreparedDrift[] = [
  {
    name: "aws-address-released",
    summary: "a public address is given back",
    check: "aws.pubip",
    change: { delete: "router2-address" },
  },
  {
    name: "aws-address-unbound",
    summary: "a public address is taken from its instance",
    check: "aws.pubip",
    change: { requests: [{ method: "POST", path: "/DisassociateAddress", form: { Guest: "client1" } }] },
  },
];

const instances: readonly PreparedDrift[] = [
  {
    name: "aws-dest-check-on",
    summary: "a router's packets for others are dropped before it",
    check: "aws.fwdflag",
    change: { set: "router1.sourceDestCheck", value: true },
  },
  {
    name: "aws-metadata-unprotected",
    summary: "an instance is answered by its metadata service without a token",
    check: "aws.metadata",
    change: { set: "client1.metadataOptions.httpTokens", value: "optional" },
  },
  {
    name: "aws-instance-terminated",
    summary: "an instance is gone",
    check: "aws.bootstrap",
    change: { delete: "client2" },
  },
  {
    name: "aws-instance-stopped",
    summary: "an instance is switched off, which no declared property says",
    check: "aws.bootstrap",
    change: { requests: [{ method: "POST", path: "/StopInstances", form: { Guest: "client2" } }] },
  },
  {
    name: "aws-type-changed",
    summary: "an instance runs on a smaller machine",
    check: "aws.bootstrap",
    change: { set: "client2.instanceType", value: "t3.micro" },
  },
  {
    name: "aws-user-data-changed",
    summary: "an instance would be told something else at its next first boot",
    check: "aws.bootstrap",
    change: { set: "client1.userData", value: "#cloud-config\nhostname: client1\n" },
  },
  {
    name: "aws-run-tag-changed",
    summary: "an instance carries another run's tag",
    check: "aws.inventory",
    change: { set: "client1.tags.routerd-run-id", value: "run-of-others" },
  },
  {
    name: "aws-key-replaced",
    summary: "the key pair is deleted and another imported under its name",
    check: "aws.sshkey",
    change: {
      requests: [
        { method: "POST", path: "/ImportKeyPair", form: { PublicKeyMaterial: generateHostKey().publicKey } },
      ],
    },
  },
];

/** What no API tells of. */
const guests: readonly PreparedDrift[] = [
  {
    name: "aws-guest-forwarding-off",
    summary: "a router's kernel passes no packets on",
    check: "aws.fwdflag",
    change: { guest: "router1", meddle: "forwarding-off" },
  },
  {
    name: "aws-guest-cloud-init-failed",
    summary: "cloud-init tells of an error",
    check: "g.cloudinit",
    change: { guest: "client1", meddle: "cloud-init-failed" },
  },
  {
    name: "aws-guest-renamed",
    summary: "a guest calls itself something else",
    check: "g.hostname",
    change: { guest: "client2", meddle: "hostname-changed" },
  },
];

/** What only a person can put right. */
const others: readonly PreparedDrift[] = [
  {
    name: "aws-stray-volume",
    summary: "a volume that nobody declared carries the run's tag",
    check: "aws.inventory",
    byHand: "take the tag away or remove them",
    change: { requests: [{ method: "POST", path: "/CreateVolume" }] },
  },
  {
    name: "aws-image-withdrawn",
    summary: "the owner of the image takes it back",
    check: "aws.images",
    byHand: "choose another image in aws:image",
    change: { requests: [{ method: "POST", path: "/DeregisterImage" }] },
  },
  {
    name: "aws-quota-lowered",
    summary: "fewer vCPUs may run than are declared",
    check: "aws.quotas",
    byHand: "aws service-quotas request-service-quota-increase",
    change: {
      requests: [{ method: "POST", path: "/LowerQuota", form: { QuotaCode: "L-1216C47A", Value: "4" } }],
    },
  },
];

/** Changes behind the engine's back. */
export const drifts: readonly PreparedDrift[] = [
  ...[...networks, ...addresses, ...instances],
  ...[...guests, ...others],
];

/** Ways to break the far end. */
export const faults: readonly PreparedFault[] = [
  {
    name: "aws-api-down",
    summary: "the API refuses connections",
    check: "aws.identity",
    shows: "blocked",
    breaks: "aws/down",
  },
  {
    name: "aws-api-unauthorized",
    summary: "the credentials are refused",
    check: "aws.identity",
    shows: "blocked",
    breaks: "aws/unauthorized",
  },
  {
    name: "aws-token-expired",
    summary: "the session's token has expired",
    check: "aws.identity",
    shows: "blocked",
    breaks: "aws/expired",
  },
  {
    name: "aws-api-throttled",
    summary: "the API limits all requests",
    check: "aws.identity",
    shows: "blocked",
    breaks: "aws/throttled",
  },
  {
    name: "aws-tags-denied",
    summary: "nobody may list what carries a tag",
    check: "aws.inventory",
    shows: "blocked",
    breaks: "aws/denied/GetResources",
  },
  {
    name: "aws-guests-silent",
    summary: "no guest answers anything",
    check: "g.ssh",
    shows: "blocked",
    breaks: "aws/silent",
  },
  {
    name: "aws-guest-silent",
    summary: "one guest answers nothing",
    check: "g.ssh",
    shows: "fail",
    breaks: "aws/client2/silent",
  },
  {
    name: "aws-guest-hostkey",
    summary: "one guest shows another host key than the declared one",
    check: "g.ssh",
    shows: "fail",
    breaks: "aws/router1/hostkey",
  },
  {
    name: "aws-metadata-silent",
    summary: "one guest's metadata service does not answer",
    check: "aws.metadata",
    shows: "fail",
    breaks: "aws/client1/metadata",
  },
];
