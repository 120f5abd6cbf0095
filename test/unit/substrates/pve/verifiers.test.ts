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
  expect(verifiers(config, "fabric-a")).toEqual([
    "pve.bridges.config@fabric-a",
    "pve.bridges.pending@pve1",
    "pve.bridges.live@fabric-a",
    "pve.drift",
  ]);
  expect(verifiers(config, "template")).toEqual(["pve.template", "pve.inventory", "pve.drift"]);
  expect(verifiers(config, "image")).toEqual(["pve.baseimage", "pve.drift"]);
});

it.each(["leaf1", "leaf1-firewall", "leaf1-rules"])(
  "%s is verified by everything that is asked of the guest",
  (resource) => {
    expect(verifiers(config, resource)).toEqual([
      "pve.vm.state@leaf1",
      "pve.placement",
      "pve.inventory",
      "pve.fw@leaf1",
      "pve.qga.enabled@leaf1",
      "pve.qga.responsive@leaf1",
      "pve.qga.exec@leaf1",
      "pve.ci.attached@leaf1",
      "pve.ci.pending@leaf1",
      "pve.ci.readable@leaf1",
      "pve.ci.fresh@leaf1",
      "g.ssh@leaf1",
      "g.cloudinit@leaf1",
      "g.hostname@leaf1",
      "g.addr@leaf1",
      "g.userdata@leaf1",
      "g.instanceid@leaf1",
      "pve.l2@leaf1",
      "g.tcp@leaf1",
      "pve.forwarding@leaf1",
      "pve.l3@leaf1",
      "pve.mtu@leaf1",
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
