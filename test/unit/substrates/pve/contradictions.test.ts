import { expect, it } from "vitest";
import { parsePve } from "../../../../src/substrates/pve/config.ts";
import { labConfig } from "../../../support/pve.ts";

const lab = {
  ...labConfig(),
  "pve:endpoint": "https://127.0.0.1:8006/",
  "pve:token": "t",
  "pve:fingerprint": Array(32).fill("AA").join(":"),
  "substrate:sshKey": "k",
};

/** The lab's config with one value inside a key replaced. */
function changed(key: string, path: readonly string[], value: unknown): Record<string, unknown> {
  const copy: Record<string, unknown> = structuredClone(lab);
  const inside = path.slice(0, -1).reduce((at, word) => Reflect.get(Object(at), word), copy[key]);
  if (path.length === 0) copy[key] = value;
  else Reflect.set(Object(inside), path.at(-1) ?? "", value);
  return copy;
}

it.each([
  ["pve:template", ["node"], "pve3", /pve:template: expected a node of pve:nodes, got pve3/],
  ["pve:image", ["node"], "pve3", /pve:image: expected a node of pve:nodes, got pve3/],
  [
    "pve:guests",
    ["leaf2", "vmId"],
    9101,
    /pve:guests\.leaf2: expected a vmId of its own, got that of client1/,
  ],
  [
    "pve:guests",
    ["leaf2", "vmId"],
    9000,
    /pve:guests\.leaf2: expected a vmId of its own, got that of the template/,
  ],
  [
    "pve:guests",
    ["leaf1", "nics", "0", "address"],
    "10.77.99.11/24",
    /pve:guests\.leaf1: expected an address of its own in VLAN 99, got that of client1/,
  ],
  ["pve:distinct", [], ["spine"], /pve:distinct: expected the role of a guest, got spine/],
  [
    "pve:bridges",
    ["fabric-b"],
    { node: "pve1", iface: "vmbr1", ports: ["eno2"] },
    /pve:bridges\.fabric-b: expected an interface of its own, got that of fabric-a/,
  ],
  ["pve:versions", ["before"], "8.2", /pve:versions: expected a release before which from lies, got 8\.2/],
  [
    "pve:nodeAccess",
    [],
    { user: "certifier", hosts: { pve3: { host: "pve3.example.test", hostKey: "ssh-ed25519 AAAA" } } },
    /pve:nodeAccess: expected a node of pve:nodes, got pve3/,
  ],
])("%s %j = %j is refused by file, key and expectation", (key, path, value, message) => {
  expect(() => parsePve(changed(key, path, value), "stacks/Pulumi.lab-pve.yaml")).toThrow(message);
});

it("The lab's own config contradicts itself nowhere, and one address may be in two VLANs", () => {
  expect(() => parsePve(lab, "the test")).not.toThrow();
  const twice = changed("pve:guests", ["client2", "nics", "1", "address"], "10.77.120.2/24");
  expect(() => parsePve(twice, "the test")).not.toThrow();
});
