// Which declared properties can not drift, each with its reason.
import { elsewhere, stoodOn, unmodelled } from "../cloud/immaterial.ts";
import type { Immaterial } from "../double.ts";

const core = (type: string) => `oci:Core/${type}`;
const instance = core("instance:Instance");

const fixed = "given when it is made: no request changes it, and another thing in its place is another id";
const manner = "said once, while it is made: OCI keeps no such thing";
const used = stoodOn("OCI");
const alone = "the lab has no other compartment that something could be moved to";

/** What other things stand on. */
const standing = [
  ...["internetGateway:InternetGateway", "routeTable:RouteTable", "securityList:SecurityList"],
  ...["subnet:Subnet", "vcn:Vcn"],
];

/** By type. */
export const immaterial: readonly Immaterial[] = [
  { of: core("internetGateway:InternetGateway"), paths: ["vcnId"], reason: fixed },
  { of: core("securityList:SecurityList"), paths: ["vcnId"], reason: fixed },
  { of: core("routeTable:RouteTable"), paths: ["vcnId"], reason: fixed },
  { of: core("routeTable:RouteTable"), paths: ["routeRules[].networkEntityId"], reason: elsewhere },
  {
    of: core("subnet:Subnet"),
    paths: ["prohibitInternetIngress", "prohibitPublicIpOnVnic", "vcnId"],
    reason: fixed,
  },
  { of: core("vcn:Vcn"), paths: ["cidrBlocks[-]"], reason: "OCI leaves no network without a range" },
  { of: core("publicIp:PublicIp"), paths: ["lifetime"], reason: fixed },
  { of: core("publicIp:PublicIp"), paths: ["privateIpId"], reason: elsewhere },
  {
    of: instance,
    paths: [
      ...["availabilityDomain", "createVnicDetails.privateIp", "createVnicDetails.subnetId"],
      ...["metadata.ssh_authorized_keys", "metadata.user_data", "sourceDetails", "faultDomain"],
    ],
    reason: fixed,
  },
  { of: instance, paths: ["createVnicDetails.assignPublicIp", "preserveBootVolume"], reason: manner },
  ...[...standing, "instance:Instance", "publicIp:PublicIp"].map((type) => ({
    of: core(type),
    paths: ["compartmentId"],
    reason: alone,
  })),
  ...standing.map((type) => ({ of: core(type), paths: ["deleted"], reason: used })),
  { of: core("subnet:Subnet"), paths: ["routeTableId", "securityListIds"], reason: elsewhere },
  { of: core("subnet:Subnet"), paths: ["cidrBlock"], reason: unmodelled },
  { of: core("routeTable:RouteTable"), paths: ["routeRules[].destinationType"], reason: unmodelled },
  {
    of: core("securityList:SecurityList"),
    paths: [
      ...["egressSecurityRules[].destinationType", "egressSecurityRules[].stateless"],
      ...["ingressSecurityRules[].sourceType", "ingressSecurityRules[].stateless"],
    ],
    reason: unmodelled,
  },
  { of: core("routeTable:RouteTable"), paths: ["routeRules[+]"], reason: elsewhere },
];
