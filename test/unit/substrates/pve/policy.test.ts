import { describe, expect, it } from "vitest";
import { isOpenToManagement } from "../../../../policy/openings.ts";
import { parsePve } from "../../../../src/substrates/pve/config.ts";
import { policyOf } from "../../../../src/substrates/pve/policy.ts";
import { generateHostKey } from "../../../../src/world/hostkey.ts";
import { labConfig } from "../../../support/pve.ts";

const config = parsePve(
  {
    ...labConfig(),
    "substrate:sshKey": generateHostKey().privateKey,
    "pve:endpoint": "https://127.0.0.1:8006/",
    "pve:token": "certifier@pve!lab=5f0c8d7e-0000-4000-8000-000000000000",
    "pve:fingerprint": Array(32).fill("AB").join(":"),
  },
  "the lab",
);

/** Whether what is declared lets anybody at a management port. */
function isOpen(kind: string, props: Readonly<Record<string, unknown>>): boolean {
  const type = `proxmoxve:firewall/${kind[0]?.toLowerCase()}${kind.slice(1)}:${kind}`;
  const { openings = [] } = policyOf(config).factsOf({ type, name: "x", props, protect: false });
  return openings.some(isOpenToManagement);
}

describe("a rule of a VM's firewall", () => {
  const accept = { type: "in", action: "ACCEPT", enabled: true, proto: "tcp" };

  it.each([
    ["all ports, where none is named", { ...accept }],
    ["a list", { ...accept, dport: "80,20:25,443" }],
    ["a service by its name", { ...accept, dport: "ssh" }],
    ["every protocol, where none is named", { ...accept, proto: undefined, dport: "22" }],
    ["a group of rules, which may hold anything", { type: "group", action: "management" }],
  ])("lets anybody in by %s", (_name, rule) => {
    expect(isOpen("RulesLegacy", { rules: [rule] })).toBe(true);
  });

  it.each([
    ["from one network", { ...accept, dport: "22", source: "10.0.0.0/24" }],
    ["that is switched off", { ...accept, dport: "22", enabled: false }],
    ["that drops", { ...accept, dport: "22", action: "DROP" }],
    ["for what goes out", { ...accept, dport: "22", type: "out" }],
    ["for another protocol", { ...accept, proto: "icmp" }],
    ["for other ports", { ...accept, dport: "80,443" }],
  ])("lets nobody in %s", (_name, rule) => {
    expect(isOpen("RulesLegacy", { rules: [rule] })).toBe(false);
  });
});

describe("a VM's firewall", () => {
  it("lets anybody in where it is off, or lets in what no rule names", () => {
    expect(isOpen("OptionsLegacy", { enabled: true, inputPolicy: "DROP" })).toBe(false);
    expect(isOpen("OptionsLegacy", { enabled: true, inputPolicy: "ACCEPT" })).toBe(true);
    expect(isOpen("OptionsLegacy", { enabled: false, inputPolicy: "DROP" })).toBe(true);
  });
});
