import { describe, expect, it } from "vitest";
import { Problem } from "../../../../src/environment/problem.ts";
import { newRun } from "../../../../src/environment/run.ts";
import { parseAzure } from "../../../../src/substrates/azure/config.ts";
import { instanceIdOf } from "../../../../src/substrates/azure/instance.ts";
import {
  idOf,
  networkOf,
  sameName,
  subnetIdOf,
  tagsOf,
  titleOf,
} from "../../../../src/substrates/azure/names.ts";
import { declaredLines, rulesOf } from "../../../../src/substrates/azure/rules.ts";
import { customDataOf, witnessOf } from "../../../../src/substrates/azure/userdata.ts";
import { cloudSecrets, trackedConfig } from "../../../support/cloud.ts";

const good = { ...trackedConfig("azure"), ...cloudSecrets("azure") };
const parsed = (changes: Readonly<Record<string, unknown>> = {}) =>
  parseAzure({ ...good, ...changes }, "file");
const ssh = { about: "ssh", protocol: "tcp", port: 22, from: ["198.51.100.0/24"] };
const adopt =
  "/subscriptions/aaaabbbb-0000-cccc-1111-dddd2222eeee/resourceGroups/shared/providers/Microsoft.Network/virtualNetworks/hub";

describe("an Azure stack's config", () => {
  it("resolves guests and flows, and knows who passes packets on", () => {
    const { guests, flows } = parsed();
    expect(guests.map(({ name, forwards }) => [name, forwards])).toEqual([
      ["router1", true],
      ["router2", true],
      ["client1", false],
      ["client2", false],
    ]);
    expect(flows.filter(({ works }) => !works)).toHaveLength(4);
  });

  it("shows no key of anybody's as plain data", () => {
    const config = parsed({
      "azure:clientId": "00001111-aaaa-2222-bbbb-3333cccc4444",
      "azure:clientSecret": "hush",
    });
    expect(JSON.stringify(config)).not.toMatch(/PRIVATE KEY|hush/);
  });

  it.each([
    [{ "azure:subscription": "12345" }, "azure:subscription"],
    [{ "azure:location": "West Europe" }, "azure:location"],
    [{ "azure:zone": "4" }, "azure:zone"],
    [{ "azure:colour": "red" }, "azure:colour"],
    [{ "azure:endpoint": "http://management.azure.com" }, "azure:endpoint"],
    [{ "azure:clientId": "00001111-aaaa-2222-bbbb-3333cccc4444" }, "azure:clientSecret"],
    [{ "azure:image": { ...Object(good["azure:image"]), version: "latest" } }, "azure:image.version"],
    [{ "azure:disk": 10 }, "azure:disk"],
    [{ "azure:user": "admin" }, "azure:user"],
    [{ "azure:hostKeys": {} }, "azure:hostKeys"],
    [{ "azure:network": { cidr: "10.91.0.0/16", subnet: "10.92.1.0/24" } }, "azure:network.subnet"],
    [
      { "azure:network": { cidr: "10.91.0.0/16", subnet: "10.91.1.0/24", adopt: "hub" } },
      "azure:network.adopt",
    ],
    [
      {
        "azure:network": {
          ...{ cidr: "10.91.0.0/16", subnet: "10.91.1.0/24" },
          adopt: adopt.replace("aaaabbbb", "bbbbaaaa"),
        },
      },
      "azure:network.adopt",
    ],
    [
      { "azure:guests": { router1: { role: "router", address: "10.91.1.3" } }, "azure:flows": [] },
      "azure:flows",
    ],
    [{ "azure:ingress": [ssh, { ...ssh, about: "a b" }, { ...ssh, about: "a-b" }] }, "azure:ingress"],
    [
      { "azure:ingress": Array.from({ length: 400 }, (_, index) => ({ ...ssh, about: `rule ${index}` })) },
      "azure:ingress",
    ],
    [
      { "azure:responders": { udp: Array.from({ length: 12_000 }, () => 51_820), tcp: [] } },
      "azure:guests.router1",
    ],
  ])("is refused by its key: %j", (changes, key) => {
    expect(() => parsed(changes)).toThrow(Problem);
    expect(() => parsed(changes)).toThrow(`file ${key}: expected`);
  });

  it.each(["10.91.1.0", "10.91.1.3", "10.91.1.255"])(
    "gives no guest the address %s, which Azure keeps",
    (address) => {
      const guests = { ...Object(good["azure:guests"]), client1: { role: "client", address } };
      expect(() => parsed({ "azure:guests": guests })).toThrow(
        "azure:guests.client1: expected an address that Azure",
      );
    },
  );
});

describe("names and tags", () => {
  it("stay inside Azure's limits for the longest prefix and run, and a longer guest's is refused", () => {
    const prefix = `p${"x".repeat(29)}`;
    const run = newRun(new Date(), `r${"x".repeat(31)}`);
    const config = parsed({ "azure:prefix": prefix });
    const longest = "g".repeat(33);
    expect(titleOf(config, `${longest}-address`).length).toBeLessThanOrEqual(80);
    expect(titleOf(config, longest)).toHaveLength(64);
    const tags = Object.entries(tagsOf(config, run));
    for (const [key, value] of tags) {
      expect(key).toMatch(/^[^<>%&\\?/]{1,512}$/);
      expect(value.length).toBeLessThanOrEqual(256);
    }
    const address = "10.91.1.99";
    const guests = { ...Object(good["azure:guests"]), [`${longest}g`]: { role: "client", address } };
    const hostKeys = { ...Object(good["azure:hostKeys"]) };
    hostKeys[`${longest}g`] = hostKeys.client1;
    expect(() =>
      parsed({ "azure:prefix": prefix, "azure:guests": guests, "azure:hostKeys": hostKeys }),
    ).toThrow("with the prefix at most 64 characters");
  });

  it("of what is made hold no run: another run makes nothing anew", () => {
    expect(titleOf(parsed(), "key")).not.toContain(newRun(new Date(), "run-of-today").id);
  });

  it("lead to an adopted network's group for the subnet, and to ours for the rest", () => {
    const config = parsed({ "azure:network": { cidr: "10.91.0.0/16", subnet: "10.91.1.0/24", adopt } });
    expect(networkOf(config)).toEqual({ group: "shared", name: "hub" });
    expect(subnetIdOf(config)).toBe(`${adopt}/subnets/routerd-lab-subnet`);
    expect(idOf(config, "Microsoft.Network/routeTables", "routes")).toContain(
      "/resourceGroups/routerd-lab-group/",
    );
    expect(sameName(adopt, adopt.toUpperCase())).toBe(true);
    expect(sameName(adopt, undefined)).toBe(false);
    expect(sameName(undefined, undefined)).toBe(false);
  });
});

describe("rules", () => {
  it("have a place each, and the last of them shuts everything", () => {
    expect(declaredLines(parsed())).toEqual([
      "100 Inbound Allow tcp 198.51.100.0/24 * * 22",
      "110 Inbound Allow udp 0.0.0.0/0 * * 51820",
      "120 Inbound Allow icmp 0.0.0.0/0 * * *",
      "130 Inbound Allow tcp 10.91.0.0/16 * * 5201",
      "140 Inbound Allow * 10.91.1.0/24 * * *",
      "4096 Inbound Deny * * * * *",
    ]);
  });

  it("with several sources have them in the other word", () => {
    const [first] = rulesOf(
      parsed({ "azure:ingress": [{ ...ssh, from: ["192.0.2.0/25", "198.51.100.0/24"] }] }),
    );
    expect(first).toMatchObject({ sourceAddressPrefixes: ["192.0.2.0/25", "198.51.100.0/24"] });
    expect(first).not.toHaveProperty("sourceAddressPrefix");
  });
});

describe("what a guest is given", () => {
  it("is told again by its digest alone", () => {
    const { guests, responders } = parsed();
    const [guest] = guests;
    if (guest === undefined) throw new TypeError("there are guests");
    expect(Buffer.from(customDataOf(guest, responders), "base64").toString()).toContain("PRIVATE KEY");
    expect(Buffer.from(witnessOf(guest, responders), "base64").toString()).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it("is its id as the firmware of its generation has it", () => {
    const vmId = "0102AABB-0304-0506-0708-090A0B0C0D0E";
    expect(instanceIdOf(vmId, "V2")).toBe("0102aabb-0304-0506-0708-090a0b0c0d0e");
    expect(instanceIdOf(vmId, "V1")).toBe("bbaa0201-0403-0605-0708-090a0b0c0d0e");
  });
});
