import { expect, it } from "vitest";
import { isOpenToManagement, sayOpening } from "../../../policy/openings.ts";
import type { Opening } from "../../../src/substrates/policy.ts";

it.each<[string, Opening, boolean]>([
  ["all of IPv4 to SSH", { from: "0.0.0.0/0", ports: [22, 22] }, true],
  ["all of IPv6 to SSH", { from: "::/0", ports: [22, 22] }, true],
  ["one half of it", { from: "128.0.0.0/1", ports: [22, 22] }, true],
  ["a network of prefix length 7", { from: "8.0.0.0/7", ports: [22, 22] }, true],
  ["an empty source", { from: "", ports: [22, 22] }, true],
  ["anywhere before other sources", { from: "0.0.0.0/0 ,10.0.0.0/8", ports: [22, 22] }, true],
  ["a network of prefix length 17", { from: "172.16.0.0/17", ports: [22, 22] }, false],
  ["a name with a slash in it", { from: "net/0a", ports: [22, 22] }, false],
  ["all of IPv4 as a range", { from: "0.0.0.0-255.255.255.255", ports: [22, 22] }, true],
  ["half of IPv6 as a range", { from: "10.0.0.0/8, ::1-7fff::", ports: [22, 22] }, true],
  ["a small range", { from: "10.0.0.1-10.0.0.9", ports: [22, 22] }, false],
  ["a list whose name has a dash", { from: "+net-a", ports: [22, 22] }, false],
  ["no source at all", { from: undefined, ports: [22, 22] }, true],
  ["all ports", { from: "0.0.0.0/0", ports: undefined }, true],
  ["a range that ends with RDP", { from: "0.0.0.0/0", ports: [3380, 3389] }, true],
  ["anywhere among other sources", { from: "10.0.0.0/8, 0.0.0.0/0", ports: [22, 22] }, true],
  ["a range beside all management ports", { from: "0.0.0.0/0", ports: [24, 3388] }, false],
  ["another port", { from: "0.0.0.0/0", ports: [51820, 51820] }, false],
  ["a private network", { from: "10.0.0.0/8", ports: [22, 22] }, false],
  ["one address", { from: "198.51.100.7", ports: undefined }, false],
])("From %s is judged by whether anybody gets at a management port", (_name, opening, open) => {
  expect(isOpenToManagement(opening)).toBe(open);
});

it("An opening is told with its source and the management ports in it", () => {
  expect(sayOpening({ from: "::/0", ports: [0, 1024] })).toBe(
    "expected no way in from anywhere (::/0) to port 22, 23",
  );
  expect(sayOpening({ from: undefined, ports: [8006, 8006] })).toBe(
    "expected no way in from anywhere (no source) to port 8006",
  );
});
