import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bench, type Certified, project, resultsOf } from "./bench.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start({ provision: true });
});
afterAll(() => bench[Symbol.asyncDispose]());

const guests = ["client1", "client2", "edge1", "leaf1", "leaf2"];

/** Every check that there is, by what it is about. */
const everyCheck: Readonly<Record<string, readonly string[]>> = {
  "": [
    ...["pve.tls", "pve.api", "pve.perms", "pve.nodes", "pve.template", "pve.baseimage"],
    ...["pve.placement", "pve.inventory", "pve.drift"],
  ],
  "pve1 pve2": ["pve.proxy", "pve.storage", "pve.bridges.pending"],
  "fabric-a fabric-b": ["pve.bridges.config", "pve.bridges.live"],
  "leaf1 leaf2": ["pve.forwarding"],
  [guests.join(" ")]: [
    ...["pve.vm.state", "pve.fw", "pve.qga.enabled", "pve.qga.responsive", "pve.qga.exec"],
    ...["pve.ci.attached", "pve.ci.pending", "pve.ci.readable", "pve.ci.fresh"],
    ...["g.ssh", "g.cloudinit", "g.hostname", "g.addr", "g.userdata", "g.instanceid"],
    ...["pve.l2", "pve.l3", "pve.mtu", "g.tcp"],
  ],
};

describe("a healthy substrate", () => {
  let certified: Certified;
  beforeAll(async () => {
    certified = await bench.certify("--run-id", "run-healthy", "--routerd-commit", "0123abc");
  });

  it("is certified, with every check of the slice on every target", () => {
    expect(certified.exit).toBe(0);
    const { manifest } = certified;
    expect(manifest).toMatchObject({
      status: "pass",
      environment: "lab",
      topology: "sam-full",
      providers: ["pve"],
      repairs: [],
      routerdCommit: "0123abc",
    });
    const checks = manifest?.checks ?? [];
    const found = Object.groupBy(checks, ({ name }) => name);
    expect(Object.keys(found).toSorted()).toEqual(Object.values(everyCheck).flat().toSorted());
    for (const [targets, names] of Object.entries(everyCheck))
      for (const name of names)
        expect(resultsOf(manifest, name), name).toEqual(
          Object.fromEntries(targets.split(" ").map((target) => [target, "pass"])),
        );
  });

  it("is valid for 24 hours, and bound to tools, declaration, state and what was seen", () => {
    const { manifest } = certified;
    expect(Date.parse(manifest?.expiresAt ?? "") - Date.parse(manifest?.issuedAt ?? "")).toBe(24 * 3_600_000);
    expect(Object.keys(manifest?.toolVersions ?? {}).sort()).toEqual([
      "@muhlba91/pulumi-proxmoxve",
      "@pulumi/pulumi",
      "declared/pve",
      "node",
      "observed/pve",
      "pulumi",
      "source",
      "state/pve",
    ]);
  });

  it.skipIf(!existsSync(join(project, "../shared/upstream")))(
    "gives a manifest that its consumers' schema accepts",
    async () => {
      const schema = JSON.parse(
        await readFile(
          join(project, "../shared/upstream/release-environment-certification.schema.json"),
          "utf8",
        ),
      );
      const ajv = new Ajv2020({ strict: false });
      addFormats.default(ajv);
      const valid = ajv.compile(schema);
      expect(valid(certified.manifest), JSON.stringify(valid.errors)).toBe(true);
    },
  );

  it("is not touched by looking: no effect in the world, no byte in the backend", async () => {
    const before = { effects: await bench.effects(), backend: await bench.backend() };
    expect((await bench.certify()).exit).toBe(0);
    expect({ effects: await bench.effects(), backend: await bench.backend() }).toEqual(before);
  });

  it("is not touched by --repair either, where nothing is wrong: only the ledger learns of it", async () => {
    const before = { effects: await bench.effects(), backend: await bench.backend("lab-pve") };
    const again = await bench.certify("--repair");
    expect(again).toMatchObject({ exit: 0, manifest: { status: "pass", repairs: [] } });
    expect({ effects: await bench.effects(), backend: await bench.backend("lab-pve") }).toEqual(before);
  });

  it("gives the same digests at every look", async () => {
    const again = await bench.certify();
    expect(again.manifest?.toolVersions).toEqual(certified.manifest?.toolVersions);
  });

  it("prints the manifest alone on standard output with --json", async () => {
    const { exit, stdout, manifest } = await bench.certify("--json");
    expect({ exit, printed: JSON.parse(stdout) }).toEqual({ exit: 0, printed: manifest });
  });

  it("exports its endpoints with secret addresses, its run and its expiry", async () => {
    const shown = JSON.parse(await bench.pulumi("stack", "output", "--json", "-s", "lab-pve"));
    expect(Object.keys(shown.endpoints).sort()).toEqual(guests);
    expect(shown.endpoints.leaf1).toEqual({ role: "leaf", user: "lab", port: 22, host: "[secret]" });
    expect(shown.run).toEqual({ id: expect.stringMatching(/^run-/), expiresAt: expect.stringMatching(/Z$/) });
    const open = JSON.parse(
      await bench.pulumi("stack", "output", "--json", "--show-secrets", "-s", "lab-pve"),
    );
    expect(open.endpoints.leaf1.host).toBe("10.77.99.12");
  });

  it("shows nothing to do to a person's own preview", async () => {
    await bench.pulumi("preview", "--refresh", "--expect-no-changes", "-s", "lab-pve");
  });
});

describe("drift", () => {
  it("is caught by its check, repaired, recorded and verified, and then there is nothing left to do", async () => {
    await bench.lab("drift", "agent-disabled");
    const caught = await bench.certify();
    expect(caught).toMatchObject({ exit: 1, manifest: { status: "fail", repairs: [] } });
    expect(resultsOf(caught.manifest, "pve.qga.enabled")).toMatchObject({ client1: "fail" });

    const repaired = await bench.certify("--repair", "--run-id", "run-agent");
    expect(repaired).toMatchObject({ exit: 0, manifest: { status: "pass" } });
    expect(repaired.manifest?.repairs).toMatchObject([
      { component: "pve", provider: "pve", target: "client1", action: "set agent.enabled", result: "pass" },
    ]);
    expect(repaired.manifest?.repairs[0]?.verifiedBy.split(", ")).toEqual(
      expect.arrayContaining(["pve.qga.enabled@client1", "pve.drift"]),
    );
    const { run } = JSON.parse(await bench.pulumi("stack", "output", "--json", "-s", "lab-pve"));
    expect(run.id).toBe("run-agent");

    const before = await bench.effects();
    expect(await bench.certify("--repair")).toMatchObject({ exit: 0, manifest: { repairs: [] } });
    expect(await bench.effects()).toBe(before);
  });

  it("says in a repair's record which properties were set, and never their values", async () => {
    await bench.lab("drift", "set", "pve/leaf1.networkDevices[2].vlanId=121");
    const caught = await bench.certify();
    expect(caught.manifest?.checks.find(({ name }) => name === "pve.drift")?.summary).toBe(
      "1 resources differ: leaf1: networkDevices[2].vlanId",
    );
    expect(resultsOf(caught.manifest, "pve.l3")).toMatchObject({ client1: "fail", client2: "fail" });
    const { manifest } = await bench.certify("--repair");
    expect(manifest?.repairs).toMatchObject([
      { target: "leaf1", action: "set networkDevices[2].vlanId", result: "pass" },
    ]);
  });

  it("can be a deletion of any declared thing", async () => {
    await bench.lab("drift", "delete", "pve/leaf2-rules");
    expect(await bench.certify()).toMatchObject({ exit: 1 });
    const { exit, manifest } = await bench.certify("--repair");
    expect({ exit, targets: manifest?.repairs.map(({ target }) => target) }).toEqual({
      exit: 0,
      targets: ["leaf2-rules"],
    });
  });

  it("is undone by heal, where nobody has repaired it", async () => {
    await bench.lab("drift", "vm-deleted");
    expect(await bench.machines()).not.toContain("client2");
    await bench.lab("heal");
    expect(await bench.machines()).toContain("client2");
    expect(await bench.certify()).toMatchObject({ exit: 0 });
  });
});

describe("a fault of the far end", () => {
  const expected = [
    { name: "pve-api-down", status: "blocked", exit: 3 },
    { name: "pve-api-unauthorized", status: "blocked", exit: 3 },
    { name: "pve-node-unproxied", status: "blocked", exit: 3 },
    { name: "pve-node-offline", status: "fail", exit: 1 },
    { name: "pve-datastore-inactive", status: "fail", exit: 1 },
    { name: "pve-guests-silent", status: "blocked", exit: 3 },
    { name: "pve-guest-hostkey", status: "fail", exit: 1 },
  ];

  it("is prepared by name, with the check that shows it", async () => {
    const names = (await bench.listed("fault")).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(expected.map(({ name }) => name)));
  });

  it.each(expected)(
    "$name is $status, and nothing is repaired on its account",
    async ({ name, status, exit }) => {
      const fault = (await bench.listed("fault")).find((each) => each.name === name);
      const before = await bench.effects();
      await bench.lab("fault", name);
      try {
        const certified = await bench.certify("--repair");
        expect(certified).toMatchObject({ exit, manifest: { status, repairs: [] } });
        expect(Object.values(resultsOf(certified.manifest, fault?.check ?? ""))).toContain(status);
        if (status === "blocked")
          expect(certified.manifest?.checks.filter(({ result }) => result === "fail")).toEqual([]);
      } finally {
        await bench.lab("heal");
      }
      expect(await bench.effects()).toBe(before);
    },
  );

  it("that ends by itself is gone afterwards", async () => {
    await bench.lab("fault", "pve-api-unauthorized", "--for", "1s");
    await expect.poll(() => bench.lab("status", "--json"), { timeout: 10_000 }).toContain('"faults":[]');
    expect(await bench.certify()).toMatchObject({ exit: 0 });
  });
});

describe("usage", () => {
  it.each([
    [["--topology", "other"], /--topology: expected sam-full/],
    [["--environment", "nowhere"], /expected stacks\/Pulumi\.nowhere-pve\.yaml/],
    [["--valid-for", "0h"], /--valid-for: expected a duration/],
    [["--valid-for", "25h"], /--valid-for: expected at most 24h/],
    [["--reapir"], /did you mean --repair/],
  ])("refuses %j in one line and looks at nothing", async (args, message) => {
    const out = join(bench.folder, "usage.json");
    const given = new Map([
      ["--environment", "lab"],
      ["--topology", "sam-full"],
      ["--out", out],
    ]);
    if (args.length === 2) given.set(args[0] ?? "", args[1] ?? "");
    const { exit, stderr } = await bench.script([...given].flat().concat(args.length === 1 ? args : []));
    expect(exit).toBe(2);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toMatch(message);
    expect(existsSync(out)).toBe(false);
  });
});

describe("everything that was said on the way", () => {
  it("holds no address, no VM id, no token, no key", async () => {
    const overlay = JSON.parse(await readFile(bench.home.overlay, "utf8"))["lab-pve"];
    const words = bench.said.join("\n");
    expect(words.length).toBeGreaterThan(10_000);
    for (const secret of [
      overlay["pve:token"],
      overlay["pve:token"].split("=")[1],
      overlay["substrate:sshKey"],
      overlay["pve:fingerprint"],
    ])
      expect(words).not.toContain(secret);
    expect(words.match(/\b(10\.77|192\.0\.2|127\.0\.0)\.\d+\.?\d*/g)).toBeNull();
    expect(words.match(/\b(9000|910[1-5])\b/g)).toBeNull();
    expect(words).not.toMatch(/UPID:|PVEAPIToken|BEGIN OPENSSH/);
  });
});
