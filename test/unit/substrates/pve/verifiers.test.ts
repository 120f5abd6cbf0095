import { expect, it } from "vitest";
import { parsePve } from "../../../../src/substrates/pve/config.ts";
import { verifiers } from "../../../../src/substrates/pve/verifiers.ts";
import { labConfig } from "../../../support/pve.ts";

const config = parsePve(
  {
    ...labConfig(),
    "pve:endpoint": "https://127.0.0.1:8006/",
    "pve:token": "t",
    "pve:fingerprint": Array(32).fill("AA").join(":"),
    "substrate:sshKey": "k",
  },
  "the test",
);

it("A bridge, the template and the image are verified by their own checks and the drift", () => {
  expect(verifiers(config, "fabric-a")).toEqual(["pve.bridges.config@fabric-a", "pve.drift"]);
  expect(verifiers(config, "template")).toEqual(["pve.template", "pve.drift"]);
  expect(verifiers(config, "image")).toEqual(["pve.drift"]);
});

it.each(["leaf1", "leaf1-firewall", "leaf1-rules"])(
  "%s is verified by everything that is asked of the guest",
  (resource) => {
    expect(verifiers(config, resource)).toEqual([
      "pve.qga.enabled@leaf1",
      "pve.qga.responsive@leaf1",
      "pve.ci.attached@leaf1",
      "g.ssh@leaf1",
      "g.cloudinit@leaf1",
      "g.hostname@leaf1",
      "pve.l3@leaf1",
      "pve.drift",
    ]);
  },
);

it("A guest whose name begins with another's is not taken for it", () => {
  expect(verifiers(config, "leaf1-b")).toEqual(["pve.drift"]);
});

it("A guest that no flow begins at is not verified by a check that does not exist", () => {
  expect(verifiers({ ...config, flows: [] }, "leaf1")).not.toContain("pve.l3@leaf1");
});
