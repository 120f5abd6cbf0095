import { describe, expect, it } from "vitest";
import { Problem } from "../../../../src/environment/problem.ts";
import { newRun } from "../../../../src/environment/run.ts";
import { parseAws } from "../../../../src/substrates/aws/config.ts";
import { tagsOf, titleOf } from "../../../../src/substrates/aws/names.ts";
import { declaredLines } from "../../../../src/substrates/aws/rules.ts";
import { awsConfig, awsSecrets } from "../../../support/aws.ts";

const good = { ...awsConfig(), ...awsSecrets() };
const parsed = (changes: Readonly<Record<string, unknown>> = {}) => parseAws({ ...good, ...changes }, "file");
const flow = { from: "client1", to: "client2", protocol: "icmp" };
const ssh = { about: "ssh", protocol: "tcp", port: 22, from: ["198.51.100.0/24"] };

describe("an AWS stack's config", () => {
  it("resolves guests and flows, and knows who passes packets on", () => {
    const { guests, flows } = parsed();
    expect(guests.map(({ name, forwards }) => [name, forwards])).toEqual([
      ["router1", true],
      ["router2", true],
      ["client1", false],
      ["client2", false],
    ]);
    expect(flows.filter(({ works }) => !works)).toHaveLength(4);
    expect(flows[0]?.to.address).toBe("10.90.1.22");
  });

  it("tells flows that lead to other substrates from those that stay, with guest and direction", () => {
    const at = "public";
    const { flows, crossings } = parsed({
      "aws:flows": [
        flow,
        { ...flow, from: "router1", to: "pve/edge1", at },
        { from: "pve/edge1", to: "router2", at, protocol: "udp", port: 51820, works: false },
      ],
    });
    expect(flows.map(({ from, to }) => [from.name, to.name])).toEqual([["client1", "client2"]]);
    const far = { substrate: "pve", endpoint: "edge1" };
    expect(crossings).toMatchObject([
      { guest: { name: "router1" }, far, way: "out", protocol: "icmp", works: true },
      { guest: { name: "router2" }, far, way: "in", protocol: "udp", port: 51820, works: false },
    ]);
  });

  it("shows no key of anybody's as plain data", () => {
    const config = parsed();
    expect(JSON.stringify(config)).not.toContain("PRIVATE KEY");
    expect(JSON.stringify(config)).toContain("[secret]");
  });

  it.each([
    [{ "aws:account": "12345" }, "aws:account"],
    [{ "aws:region": "Frankfurt" }, "aws:region"],
    [{ "aws:colour": "red" }, "aws:colour"],
    [{ "aws:hostKeys": {} }, "aws:hostKeys"],
    [{ "aws:prefix": "routerd-lab-that-is-longer-than-30-characters" }, "aws:prefix"],
    [{ "aws:network": { cidr: "10.90.0.0/16", subnet: "10.91.1.0/24" } }, "aws:network.subnet"],
    [{ "aws:network": { cidr: "10.90.0.0/33", subnet: "10.90.1.0/24" } }, "aws:network.cidr"],
    [{ "aws:network": { cidr: "10.90.0.0/16", subnet: "10.90.2.0/24" } }, "aws:guests.router1"],
    [{ "aws:forwarding": ["leaf"] }, "aws:forwarding"],
    [{ "aws:flows": [{ ...flow, to: "client3" }] }, "aws:flows"],
    [{ "aws:flows": [{ ...flow, protocol: "udp" }] }, "aws:flows.0"],
    [{ "aws:flows": [{ ...flow, port: 22 }] }, "aws:flows.0"],
    [{ "aws:flows": [{ ...flow, to: "pve/edge1" }] }, "aws:flows.0"],
    [{ "aws:flows": [{ ...flow, from: "pve/edge1", to: "pve/edge2", at: "public" }] }, "aws:flows.0"],
    [{ "aws:flows": [{ ...flow, to: "pve/edge/1", at: "public" }] }, "aws:flows.0.to"],
    [{ "aws:flows": [{ ...flow, from: "pve/edge1", to: "client3", at: "public" }] }, "aws:flows"],
    [{ "aws:ingress": [ssh, ssh] }, "aws:ingress"],
    [{ "aws:ingress": [{ ...ssh, protocol: "icmp" }] }, "aws:ingress.0"],
    [{ "aws:ingress": [{ ...ssh, from: ["198.51.100.300/24"] }] }, "aws:ingress.0.from.0"],
    [
      { "aws:responders": { udp: Array.from({ length: 3_000 }, () => 51_820), tcp: [] } },
      "aws:guests.router1",
    ],
  ])("is refused by its key: %j", (changes, key) => {
    expect(() => parsed(changes)).toThrow(Problem);
    expect(() => parsed(changes)).toThrow(`file ${key}: expected`);
  });
});

describe("names and tags", () => {
  it("stay inside EC2's limits for the longest prefix, name and run", () => {
    const prefix = `p${"x".repeat(29)}`;
    const run = newRun(new Date(), `r${"x".repeat(31)}`);
    const longest = `${"g".repeat(40)}-address`;
    expect(titleOf({ prefix }, longest).length).toBeLessThanOrEqual(255);
    const tags = Object.entries(tagsOf({ ...parsed(), prefix }, run, longest));
    for (const [key, value] of tags) {
      expect(key.length).toBeLessThanOrEqual(128);
      expect(value.length).toBeLessThanOrEqual(256);
    }
    expect(tags.map(([key]) => key)).toEqual(
      expect.arrayContaining(["routerd-run-id", "routerd-purpose", "ManagedBy", "Project", "ExpiresAt"]),
    );
  });

  it("of what is made hold no run: another run makes nothing anew", () => {
    const run = newRun(new Date(), "run-of-today");
    expect(titleOf(parsed(), "key")).not.toContain(run.id);
  });
});

describe("rules", () => {
  it("come to one line for each far side, in and out", () => {
    expect(declaredLines(parsed())).toEqual([
      "in tcp 22-22 198.51.100.0/24",
      "in udp 51820-51820 0.0.0.0/0",
      "in icmp -1--1 0.0.0.0/0",
      "in tcp 5201-5201 10.90.0.0/16",
      "in -1 all self",
      "out -1 all 0.0.0.0/0",
    ]);
  });
});
