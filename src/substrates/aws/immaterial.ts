// Which declared properties can not drift, each with its reason.
import { elsewhere, stoodOn, unmodelled } from "../cloud/immaterial.ts";
import type { Immaterial } from "../double.ts";

const instance = "aws:ec2/instance:Instance";

const fixed = "given when it is made: no request changes it, and another thing in its place is another id";
const manner = "how the provider goes about it: AWS keeps no such thing";
const used = stoodOn("AWS");
const portless = "a rule for all protocols has no ports";

/** What other things stand on. */
const standing = [
  ...["internetGateway:InternetGateway", "routeTable:RouteTable", "securityGroup:SecurityGroup"],
  ...["subnet:Subnet", "vpc:Vpc"],
];

/** By type. */
export const immaterial: readonly Immaterial[] = [
  { of: "aws:ec2/vpc:Vpc", paths: ["cidrBlock", "instanceTenancy"], reason: fixed },
  { of: "aws:ec2/subnet:Subnet", paths: ["availabilityZone", "cidrBlock", "vpcId"], reason: fixed },
  { of: "aws:ec2/routeTable:RouteTable", paths: ["vpcId"], reason: fixed },
  { of: "aws:ec2/routeTable:RouteTable", paths: ["routes[].gatewayId"], reason: elsewhere },
  { of: "aws:ec2/routeTableAssociation:RouteTableAssociation", paths: ["subnetId"], reason: fixed },
  { of: "aws:ec2/routeTableAssociation:RouteTableAssociation", paths: ["routeTableId"], reason: elsewhere },
  {
    of: "aws:ec2/internetGateway:InternetGateway",
    paths: ["vpcId"],
    reason: "AWS takes no gateway out of a network that has public addresses",
  },
  { of: "aws:ec2/keyPair:KeyPair", paths: ["keyName"], reason: fixed },
  { of: "aws:ec2/securityGroup:SecurityGroup", paths: ["description", "name", "vpcId"], reason: fixed },
  { of: "aws:ec2/securityGroup:SecurityGroup", paths: ["revokeRulesOnDelete"], reason: manner },
  { of: "aws:ec2/eip:Eip", paths: ["domain"], reason: fixed },
  { of: "aws:ec2/eip:Eip", paths: ["instance"], reason: elsewhere },
  {
    of: instance,
    paths: [
      ...["ami", "associatePublicIpAddress", "keyName", "privateIp", "rootBlockDevice.encrypted", "subnetId"],
    ],
    reason: fixed,
  },
  {
    of: instance,
    paths: ["forceDestroy", "getPasswordData", "userDataReplaceOnChange"],
    reason: manner,
  },
  { of: instance, paths: ["vpcSecurityGroupIds[-]"], reason: "AWS leaves no instance without a group" },
  { of: instance, paths: ["rootBlockDevice.volumeSize", "rootBlockDevice.volumeType"], reason: unmodelled },
  {
    of: "aws:ec2/securityGroup:SecurityGroup",
    paths: ["egress[0].fromPort", "egress[0].toPort", "ingress[4].fromPort", "ingress[4].toPort"],
    reason: portless,
  },
  ...standing.map((type) => ({ of: `aws:ec2/${type}`, paths: ["deleted"], reason: used })),
];
