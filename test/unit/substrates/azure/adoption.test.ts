import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Azure, startAzure } from "../../../support/azure.ts";

const network =
  "/subscriptions/aaaabbbb-0000-cccc-1111-dddd2222eeee/resourceGroups/production/providers/Microsoft.Network/virtualNetworks/production";
const guest = (role: string, last: number) => ({ role, address: `172.31.16.${last}` });

let azure: Azure;
beforeAll(async () => {
  azure = await startAzure({
    "azure:network": { cidr: "172.31.0.0/16", subnet: "172.31.16.0/24", adopt: network },
    "azure:guests": {
      ...{ router1: guest("router", 11), router2: guest("router", 12) },
      ...{ client1: guest("client", 21), client2: guest("client", 22) },
    },
    "azure:ingress": [
      { about: "ssh from the certifier", protocol: "tcp", port: 22, from: ["198.51.100.0/24"] },
      { about: "wireguard", protocol: "udp", port: 51820, from: ["0.0.0.0/0"] },
      { about: "ping", protocol: "icmp", from: ["0.0.0.0/0"] },
      { about: "everything inside", protocol: "any", from: "inside" },
    ],
  });
});
afterAll(() => azure[Symbol.asyncDispose]());

describe("a virtual network that was there before us", () => {
  it("is adopted as it is, with our subnet in it and everything else in our own group", async () => {
    expect(azure.thing("network").id).toBe(network);
    expect(azure.thing("subnet").id).toBe(`${network}/subnets/routerd-lab-subnet`);
    expect(azure.thing("client1").id).toContain("/resourceGroups/routerd-lab-group/");
  });

  it("is certified, with what else is in it, and without a tag of ours on it", async () => {
    const answers = Object.entries(await azure.look());
    expect(answers.filter(([, answer]) => !answer.startsWith("pass"))).toEqual([]);
    const { id, inputs, outputs, type } = azure.thing("network");
    const read = await azure.session.resource(type).read(id, { inputs, outputs }, AbortSignal.timeout(5_000));
    expect(read?.outputs.tags).toEqual({ Project: "something-else" });
  });
});
