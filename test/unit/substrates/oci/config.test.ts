import { describe, expect, it } from "vitest";
import { Problem } from "../../../../src/environment/problem.ts";
import { newRun } from "../../../../src/environment/run.ts";
import { parseOci } from "../../../../src/substrates/oci/config.ts";
import { openingsOf } from "../../../../src/substrates/oci/metadata.ts";
import { tagsOf, titleOf } from "../../../../src/substrates/oci/names.ts";
import { declaredLines } from "../../../../src/substrates/oci/rules.ts";
import { cloudSecrets, trackedConfig } from "../../../support/cloud.ts";

const good = { ...trackedConfig("oci"), ...cloudSecrets("oci") };
const parsed = (changes: Readonly<Record<string, unknown>> = {}) => parseOci({ ...good, ...changes }, "file");
const ssh = { about: "ssh", protocol: "tcp", port: 22, from: ["198.51.100.0/24"] };

describe("an OCI stack's config", () => {
  it("resolves guests and flows, and knows who passes packets on", () => {
    const { guests, flows } = parsed();
    expect(guests.filter(({ forwards }) => forwards).map(({ name }) => name)).toEqual(["router1", "router2"]);
    expect(flows.filter(({ works }) => !works)).toHaveLength(4);
  });

  it("shows no key of anybody's as plain data", () => {
    const key = {
      "oci:caller": "ocid1.user.oc1..exampleuniqueid",
      "oci:fingerprint": "20:3b:97:13:55:1c:5b:0d:d3:37:d8:50:4e:c5:3a:34",
      "oci:privateKey": "-----BEGIN PRIVATE KEY-----\nMIIE",
    };
    const config = parsed(key);
    expect(JSON.stringify(config)).not.toMatch(/PRIVATE KEY/);
    expect(JSON.stringify(config)).toContain("[secret]");
  });

  it.each([
    [{ "oci:tenancy": { id: "routerd", name: "x", namespace: "x" } }, "oci:tenancy.id"],
    [{ "oci:image": { id: "ocid1.vcn.oc1..x", name: "x", system: "x", version: "x" } }, "oci:image.id"],
    [{ "oci:region": "Frankfurt" }, "oci:region"],
    [{ "oci:domain": "EU-FRANKFURT-1-AD-1" }, "oci:domain"],
    [{ "oci:colour": "red" }, "oci:colour"],
    [{ "oci:hostKeys": {} }, "oci:hostKeys"],
    [{ "oci:disk": 20 }, "oci:disk"],
    [{ "oci:shape": { name: "VM.Standard2.1", ocpus: 1, memory: 15 } }, "oci:shape.name"],
    [{ "oci:prefix": "routerd-lab-that-is-longer-than-30-characters" }, "oci:prefix"],
    [{ "oci:caller": "ocid1.user.oc1..exampleuniqueid" }, "oci:caller"],
    [{ "oci:search": { endpoint: "http://127.0.0.1:1" } }, "oci:search.endpoint"],
    [{ "oci:network": { cidr: "10.91.0.0/16", subnet: "10.92.1.0/24" } }, "oci:network.subnet"],
    [{ "oci:network": { cidr: "10.91.0.0/16", subnet: "10.91.2.0/24" } }, "oci:guests.router1"],
    [{ "oci:forwarding": ["leaf"] }, "oci:forwarding"],
    [{ "oci:ingress": [ssh, ssh] }, "oci:ingress"],
    [
      { "oci:responders": { udp: Array.from({ length: 3_000 }, () => 51_820), tcp: [] } },
      "oci:guests.router1",
    ],
  ])("is refused by its key: %j", (changes, key) => {
    expect(() => parsed(changes)).toThrow(Problem);
    expect(() => parsed(changes)).toThrow(`file ${key}: expected`);
  });
});

describe("names and tags", () => {
  it("stay inside OCI's limits for the longest prefix, name and run", () => {
    const run = newRun(new Date(), `r${"x".repeat(31)}`);
    const title = titleOf({ prefix: `p${"x".repeat(29)}` }, `${"g".repeat(40)}-address`);
    expect(title.length).toBeLessThanOrEqual(255);
    const tags = Object.entries(tagsOf(parsed(), run));
    expect(tags.length).toBeLessThanOrEqual(10);
    for (const [key, value] of tags) {
      expect(key).toMatch(/^[A-Za-z]{1,100}$/);
      expect(value.length).toBeLessThanOrEqual(256);
    }
    expect(tags.map(([key]) => key)).toEqual(
      expect.arrayContaining(["RouterdRunId", "RouterdPurpose", "ManagedBy", "Project", "ExpiresAt"]),
    );
  });

  it("of what is made hold no run: another run makes nothing anew", () => {
    expect(titleOf(parsed(), "network")).not.toContain(newRun(new Date(), "run-of-today").id);
  });
});

describe("rules", () => {
  it("come to one line for each source, by the numbers of their protocols", () => {
    expect(declaredLines(parsed())).toEqual([
      "in 6 198.51.100.0/24 22-22",
      "in 17 0.0.0.0/0 51820-51820",
      "in 1 0.0.0.0/0",
      "in 6 10.91.0.0/16 5201-5201",
      "in all 10.91.1.0/24",
      "out all 0.0.0.0/0",
    ]);
  });

  it("come to openings of the image's own packet filter, which routers also pass packets through", () => {
    expect(openingsOf(parsed(), { forwards: true })).toEqual([
      "INPUT -s 198.51.100.0/24 -p tcp --dport 22 -j ACCEPT",
      "INPUT -p udp --dport 51820 -j ACCEPT",
      "INPUT -p icmp -j ACCEPT",
      "INPUT -s 10.91.0.0/16 -p tcp --dport 5201 -j ACCEPT",
      "INPUT -s 10.91.1.0/24 -j ACCEPT",
      "FORWARD -j ACCEPT",
    ]);
    expect(openingsOf(parsed(), { forwards: false })).not.toContain("FORWARD -j ACCEPT");
  });
});
