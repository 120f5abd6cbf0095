import { expect, it } from "vitest";
import { isOpenToManagement } from "../../../policy/openings.ts";
import type { Opening } from "../../../src/substrates/policy.ts";

it.each<[string, Opening, boolean]>([
  ["all of IPv4 to SSH", { from: "0.0.0.0/0", ports: [22, 22] }, true],
  ["all of IPv6 to SSH", { from: "::/0", ports: [22, 22] }, true],
  ["one half of it", { from: "128.0.0.0/1", ports: [22, 22] }, true],
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
