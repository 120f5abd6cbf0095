import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ApiRequest } from "../../../../src/substrates/double.ts";
import { grants } from "../../../../src/substrates/pve/double/grants.ts";
import { drifts } from "../../../../src/substrates/pve/drifts.ts";
import { meddle } from "../../../support/proxy.ts";
import { type Provisioned, startProvisioned } from "./provisioned.ts";

let substrate: Provisioned;
beforeAll(async () => {
  substrate = await startProvisioned();
}, 300_000);
afterAll(() => substrate[Symbol.asyncDispose]());
afterEach(() => substrate.heal());

/** Everything on the API's side; the rest needs an engine or is asked inside guests. */
const own = [
  ...[
    "pve.proxy",
    "pve.storage",
    "pve.baseimage",
    "pve.template",
    "pve.bridges.config",
    "pve.bridges.pending",
  ],
  ...["pve.ci.pending", "pve.ci.attached", "pve.vm.state", "pve.placement", "pve.inventory", "pve.fw"],
  "pve.qga.enabled",
];

function notPassed(answers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(answers).filter(([, words]) => words !== "pass"));
}

it("a provisioned substrate passes every check of the API's side", async () => {
  const answers = await substrate.ask(own);
  expect(notPassed(answers)).toEqual({});
  expect(new Set(Object.keys(answers).map((key) => key.split("@")[0]))).toEqual(new Set(own));
});

it("what a token no longer sees, which has lost its rights since its gate, is blocked and no absence", async () => {
  await using proxy = await meddle(substrate.config, (call) => {
    if (call.startsWith("GET /cluster/resources")) return { data: [] };
    return call.startsWith("GET /access/permissions") ? { data: {} } : undefined;
  });
  const answers = await substrate.ask(["pve.placement", "pve.inventory"], { config: proxy.config });
  const lacks = expect.stringMatching(/^blocked: could not look: the token lacks .*VM\.Audit/);
  expect(answers).toEqual({ "pve.placement": lacks, "pve.inventory": lacks });
});

describe("a prepared drift", () => {
  const said: readonly (readonly [drift: string, answers: Readonly<Record<string, string>>])[] = [
    [
      "bridge-not-vlan-aware",
      { "pve.bridges.config@fabric-a": "fail: fabric-a differs in VLAN-awareness, VLAN ids" },
    ],
    ["bridge-comment-gone", { "pve.bridges.config@fabric-b": "fail: fabric-b differs in comment" }],
    ["bridge-ports-emptied", { "pve.bridges.config@fabric-b": "fail: fabric-b differs in ports" }],
    [
      "bridge-change-staged",
      { "pve.bridges.pending@pve1": "fail: pve1 has network changes that are staged but not applied" },
    ],
    [
      "foreign-change-staged",
      { "pve.bridges.pending@pve2": "fail: pve2 has network changes that are staged but not applied" },
    ],
    [
      "datastore-without-images",
      {
        "pve.storage@pve1": "fail: pve1: local-lvm may not hold images",
        "pve.storage@pve2": "fail: pve2: local-lvm may not hold images",
      },
    ],
    ["image-gone", { "pve.baseimage": "fail: the base image does not exist" }],
    ["image-replaced", { "pve.baseimage": "fail: the base image has 251658240 bytes, expected 612368384" }],
    ["template-renamed", { "pve.template": "fail: the template differs in name" }],
    ["template-drive-added", { "pve.template": "fail: the template differs in drives" }],
    ["agent-disabled", { "pve.qga.enabled@client1": "fail: client1 has its agent disabled" }],
    ["vm-stopped", { "pve.vm.state@leaf1": "fail: leaf1 is switched off" }],
    ["vm-paused", { "pve.vm.state@leaf2": "fail: leaf2 is paused" }],
    ["vm-locked", { "pve.vm.state@client2": "fail: client2 is locked" }],
    ["vm-extra-disk", { "pve.vm.state@client1": "fail: client1 has 1 drives that are not declared" }],
    ["vm-boot-order", { "pve.vm.state@leaf2": "fail: leaf2 has 1 settings that wait for a restart" }],
    ["vm-arguments", { "pve.vm.state@leaf1": "fail: leaf1 has 1 settings that wait for a restart" }],
    ["vm-protected", { "pve.vm.state@leaf1": "fail: leaf1 has 1 settings that are not declared" }],
    ["vm-moved", { "pve.placement": "fail: leaf2 is not on pve2, guests with the role leaf share a node" }],
    ["vm-untagged", { "pve.inventory": "fail: client2 does not carry the run's tag" }],
    ["vm-copied", { "pve.inventory": "fail: 1 VMs carry the run's tag and are not declared" }],
    [
      "seed-outdated",
      { "pve.ci.pending@client1": "fail: 1 cloud-init settings of client1 are not on its config drive" },
    ],
    ...[
      ["seed-keys-removed", "leaf2"],
      ["seed-address-removed", "leaf1"],
      ["seed-resolver-removed", "client2"],
    ].map(([drift = "", guest]): [string, Record<string, string>] => [
      drift,
      {
        [`pve.ci.pending@${guest}`]: `fail: 1 cloud-init settings of ${guest} are not on its config drive`,
      },
    ]),
    [
      "firewall-options-reset",
      { "pve.fw@client1": "fail: the firewall of client1: it is off, it holds back DHCP" },
    ],
    ["firewall-rule-added", { "pve.fw@leaf1": "fail: the firewall of leaf1: it has 4 rules, expected 3" }],
    ["firewall-rule-removed", { "pve.fw@leaf2": "fail: the firewall of leaf2: it has 2 rules, expected 3" }],
    [
      "firewall-rules-swapped",
      { "pve.fw@client2": "fail: the firewall of client2: 2 of its rules differ or are out of order" },
    ],
    [
      "firewall-off-interface",
      {
        "pve.fw@client2":
          "fail: the firewall of client2: it is not before the interfaces that were declared, in 1 cases",
      },
    ],
    [
      "firewall-off-datacenter",
      Object.fromEntries(
        ["client1", "leaf1", "leaf2", "client2", "edge1"].map((guest) => [
          `pve.fw@${guest}`,
          `fail: the firewall of ${guest}: the datacenter's firewall is off`,
        ]),
      ),
    ],
  ];

  it.each(said)(
    "%s is caught by its check, which says what is wrong, and is gone when healed",
    async (name, answers) => {
      const { check } = await substrate.drift(name);
      expect(notPassed(await substrate.ask([check]))).toEqual(answers);
      await substrate.heal();
      expect(notPassed(await substrate.ask([check]))).toEqual({});
    },
  );

  it("is among these for each that is prepared on the API's side", () => {
    const asked = drifts.filter(({ check }) => own.includes(check)).map(({ name }) => name);
    expect(said.map(([name]) => name).toSorted()).toEqual(asked.toSorted());
  });
});

describe("what nobody prepared", () => {
  const put = (path: string, form: Record<string, string>): ApiRequest => ({ method: "PUT", path, form });
  const post = (path: string, form?: Record<string, string>): ApiRequest => ({ method: "POST", path, form });
  const leaf2 = "/nodes/pve2/qemu/9103";
  const template = "/nodes/pve1/qemu/9000/config";

  it.each<[string, ApiRequest[], Record<string, string>]>([
    [
      "a datastore that is switched off",
      [put("/storage/local-lvm", { disable: "1" })],
      {
        "pve.storage@pve1": "fail: pve1: local-lvm is disabled",
        "pve.storage@pve2": "fail: pve2: local-lvm is disabled",
      },
    ],
    [
      "a template that is none any more",
      [put(template, { template: "0" })],
      {
        "pve.template": "fail: the template differs in being a template",
      },
    ],
    [
      "another boot order after a restart",
      [
        post(`${leaf2}/status/stop`),
        put(`${leaf2}/config`, { boot: "order=net0;scsi0" }),
        post(`${leaf2}/status/start`),
      ],
      { "pve.vm.state@leaf2": "fail: leaf2 does not boot from its disk" },
    ],
    [
      "a drive that is gone",
      [
        post(`${leaf2}/status/stop`),
        put(`${leaf2}/config`, { delete: "ide3" }),
        post(`${leaf2}/status/start`),
      ],
      {
        "pve.vm.state@leaf2": "fail: leaf2 lacks 1 of its drives",
      },
    ],
    [
      "a disk that is detached and left behind",
      [put(`${leaf2}/config`, { scsi5: "local-lvm:1" }), put(`${leaf2}/config`, { delete: "scsi5" })],
      { "pve.vm.state@leaf2": "fail: leaf2 has 1 drives that are not declared" },
    ],
    [
      "other policies of a firewall",
      [
        put(`${leaf2}/firewall/options`, {
          policy_in: "ACCEPT",
          policy_out: "DROP",
          macfilter: "0",
          ipfilter: "1",
        }),
      ],
      {
        "pve.fw@leaf2":
          "fail: the firewall of leaf2: its input policy differs, its output policy differs, it lets foreign MAC addresses out, it holds back foreign addresses",
      },
    ],
    [
      "a rule that lets in from anywhere",
      [put(`${leaf2}/firewall/rules/0`, { source: "0.0.0.0/0" })],
      {
        "pve.fw@leaf2": "fail: the firewall of leaf2: 1 of its rules differ or are out of order",
      },
    ],
    [
      "a rule that lets in another kind of ICMP",
      [put(`${leaf2}/firewall/rules/1`, { "icmp-type": "redirect" })],
      {
        "pve.fw@leaf2": "fail: the firewall of leaf2: 1 of its rules differ or are out of order",
      },
    ],
    [
      "a rule that is switched off",
      [put(`${leaf2}/firewall/rules/0`, { enable: "0" })],
      {
        "pve.fw@leaf2": "fail: the firewall of leaf2: 1 of its rules differ or are out of order",
      },
    ],
  ])("%s is seen too", async (_, requests, answers) => {
    await substrate.send(...requests);
    expect(
      notPassed(await substrate.ask(Object.keys(answers).map((key) => key.split("@")[0] ?? ""))),
    ).toEqual(answers);
  });

  it("a VM that is gone is named by every check about it", async () => {
    await substrate.send(post(`${leaf2}/status/stop`), { method: "DELETE", path: leaf2 });
    expect(notPassed(await substrate.ask(own))).toEqual({
      ...Object.fromEntries(
        ["pve.vm.state", "pve.fw", "pve.ci.pending", "pve.ci.attached", "pve.qga.enabled"].map((id) => [
          `${id}@leaf2`,
          "fail: leaf2 does not exist",
        ]),
      ),
      "pve.placement": "fail: leaf2 does not exist",
      "pve.inventory": "fail: leaf2 does not carry the run's tag",
    });
  });

  it("a datastore needs room for what is still to be made, and some beside it", async () => {
    const wide = { ...substrate.config, headroom: 400 };
    expect(notPassed(await substrate.ask(["pve.storage"], { config: wide }))).toEqual({
      "pve.storage@pve1": "fail: pve1: local-lvm has too little room, local has too little room",
      "pve.storage@pve2": "fail: pve2: local-lvm has too little room",
    });
    // 500 GiB less what is used: enough beside what is there, not beside one more VM.
    const tight = { ...substrate.config, headroom: 372 };
    expect((await substrate.ask(["pve.storage"], { config: tight }))["pve.storage@pve2"]).toBe("pass");
    await substrate.send(post(`${leaf2}/status/stop`), { method: "DELETE", path: leaf2 });
    expect((await substrate.ask(["pve.storage"], { config: tight }))["pve.storage@pve2"]).toBe("pass");
  });
});

describe("what can not be seen is blocked, never failed", () => {
  const unreachable = "blocked: could not look: no route or connection lost";

  it.each([
    ["pve/down", /^blocked: could not look: (connection refused|no route or connection lost)$/],
    ["pve/unauthorized", /^blocked: could not look: credentials refused \(401\)$/],
  ])("every check while %s", async (fault, words) => {
    substrate.world.breakDown(fault);
    for (const [key, said] of Object.entries(await substrate.ask(own))) expect(said, key).toMatch(words);
  });

  it("a node that the API can not pass requests on to, after it was tried again", async () => {
    substrate.world.breakDown("pve/pve2/unproxied");
    const answers = await substrate.ask([
      "pve.proxy",
      "pve.vm.state",
      "pve.fw",
      "pve.storage",
      "pve.bridges.pending",
    ]);
    const there = ["leaf2", "client2", "edge1", "pve2"];
    for (const [key, said] of Object.entries(answers))
      expect(said, key).toBe(there.includes(key.split("@")[1] ?? "") ? unreachable : "pass");
  });

  it("a node that comes back while it is asked again passes", async () => {
    substrate.world.breakDown("pve/pve2/unproxied", 300);
    expect(await substrate.ask(["pve.proxy"])).toEqual({
      "pve.proxy@pve1": "pass",
      "pve.proxy@pve2": "pass",
    });
  });

  it("which VMs there are while a node is offline", async () => {
    substrate.world.breakDown("pve/pve2/offline");
    expect(await substrate.ask(["pve.inventory", "pve.placement"])).toEqual({
      "pve.inventory": unreachable,
      "pve.placement": unreachable,
    });
  });

  it("the inventory of a stack that tells no run", async () => {
    expect(await substrate.ask(["pve.inventory"], { run: undefined })).toEqual({
      "pve.inventory": "blocked: could not look: there is nothing to compare it with",
    });
  });

  it("a datastore that is not active fails itself, and blocks what is in it", async () => {
    substrate.world.breakDown("pve/local/inactive");
    expect(notPassed(await substrate.ask(["pve.storage", "pve.baseimage"]))).toEqual({
      "pve.storage@pve1": "fail: pve1: local is not active",
      "pve.baseimage": "blocked: could not look: the far end failed (5xx)",
    });
  });
});

describe("a token", () => {
  it("that may look and nothing else suffices for every check, the gates included", async () => {
    const answers = await substrate.ask([...own, "pve.api", "pve.perms"], {
      config: substrate.as(grants("look")),
    });
    expect(notPassed(answers)).toEqual({});
  });

  it("with PVE's own auditor role suffices for all that does not look into datastores of VMs, and the gate says what it lacks", async () => {
    const config = substrate.as("audit");
    expect(notPassed(await substrate.ask(["pve.perms"], { config }))).toEqual({
      "pve.perms":
        "blocked: could not look: the token lacks VM.Config.Disk on the template; VM.Config.Disk, VM.GuestAgent.Unrestricted on the guests",
    });
    const rest = own.filter((id) => id !== "pve.qga.exec");
    expect(notPassed(await substrate.ask(rest, { config }))).toEqual({});
  });

  it("without rights never makes a check pass that had to see something of the substrate", async () => {
    // What is staged in a node's network PVE shows to everybody.
    const hidden = own.filter((id) => id !== "pve.bridges.pending");
    const answers = await substrate.ask([...hidden, "pve.perms"], { config: substrate.as("none") });
    expect(Object.values(answers).filter((said) => said === "pass")).toEqual([]);
    expect(answers["pve.perms"]).toMatch(/^blocked: /);
  });
});
