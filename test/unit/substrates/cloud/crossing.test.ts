import { describe, expect, it } from "vitest";
import { Secret } from "../../../../src/environment/secret.ts";
import { type Crossed, judgeCrossed } from "../../../../src/substrates/cloud/checks/crossing.ts";
import { named } from "../../../support/checks.ts";

const guest = {
  ...{ name: named("router1"), role: named("router"), address: "10.90.1.11", forwards: true },
  hostKey: new Secret("k"),
};
const far = { substrate: named("pve"), endpoint: named("edge1") };
const flow = (way: "out" | "in", open: boolean, more: Partial<Crossed> = {}): Crossed => ({
  ...{ guest, far, way, open, protocol: "icmp", port: undefined, works: true },
  ...more,
});
const verdict = (...crossed: readonly Crossed[]) => {
  const { result, summary } = judgeCrossed({ guest, far }, crossed, "192.0.2.77");
  return `${result}: ${summary}`;
};

describe("flows between a guest and an endpoint abroad", () => {
  it.each([
    [[flow("out", true), flow("in", true)], /^pass: 2 of 2 flows/],
    [[flow("out", true), flow("in", false)], /^fail: one way only: router1 reaches pve\/edge1, and/],
    [[flow("out", false), flow("in", true)], /^fail: one way only: pve\/edge1 reaches router1, and/],
    [[flow("out", false), flow("in", false)], /^blocked: no path between router1 and pve\/edge1/],
    [[flow("out", true), flow("out", false), flow("in", true)], /^fail: no answer: icmp to pve\/edge1$/],
    [[flow("out", false, { works: false }), flow("out", true)], /^pass: 2 of 2 flows/],
    [[flow("out", true, { works: false }), flow("in", false)], /^fail: must not work and does: icmp to/],
  ])("come to one verdict", (crossed, said) => {
    expect(verdict(...crossed)).toMatch(said);
  });

  it("fail where the guest sees another address than the endpoint's stack config says", () => {
    const echo = (seen: string) => flow("in", true, { protocol: "udp", port: 51820, seen });
    expect(verdict(flow("out", true), echo("192.0.2.77"))).toMatch(/^pass/);
    expect(verdict(flow("out", true), echo("192.0.2.78"))).toBe(
      "fail: router1 sees pve/edge1 come from another address than its stack config says",
    );
  });

  it("prove nothing by silence in a direction in which nothing must work", () => {
    expect(() => verdict(flow("out", true), flow("in", false, { works: false }))).toThrow(
      "there is nothing to compare it with",
    );
  });
});
