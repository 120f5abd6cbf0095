import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { outputBound } from "../../../../src/probes/driver.ts";
import { drifts, faults } from "../../../../src/substrates/azure/drifts.ts";
import { type Azure, startAzure } from "../../../support/azure.ts";

let azure: Azure;
beforeAll(async () => {
  azure = await startAzure();
});
afterEach(() => azure.heal());
afterAll(() => azure[Symbol.asyncDispose]());

/** Answers that are no pass. */
function bad(answers: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(answers).filter(([, answer]) => !answer.startsWith("pass")));
}

const guests = ["router1", "router2", "client1", "client2"];

describe("a look at Azure", () => {
  it("passes every check of a substrate that is as declared, and changes nothing", async () => {
    const before = azure.world.effects.length;
    const answers = await azure.look();
    expect(bad(answers)).toEqual({});
    const perGuest = [
      ...["g.ssh", "g.cloudinit", "g.hostname", "g.addr", "g.userdata", "g.instanceid"],
      ...["azure.vm", "azure.bootstrap", "azure.pubip", "azure.metadata", "azure.eastwest", "azure.negative"],
    ];
    expect(Object.keys(answers).toSorted()).toEqual(
      [
        ...[
          "azure.identity",
          "azure.regions",
          "azure.quotas",
          "azure.images",
          "azure.shapes",
          "azure.sshkey",
        ],
        ...["azure.network", "azure.routes", "azure.sg", "azure.inventory", "azure.filter"],
        ...perGuest.flatMap((id) => guests.map((guest) => `${id}@${guest}`)),
        ...["azure.fwdflag", "azure.pve"].flatMap((id) => [`${id}@router1`, `${id}@router2`]),
      ].toSorted(),
    );
    expect(azure.world.effects).toHaveLength(before);
  });

  it.each(drifts.map(({ name, check }) => [name, check]))("%s is caught by %s", async (name, check) => {
    await azure.drift(name);
    const failed = Object.entries(await azure.look()).filter(([, answer]) => answer.startsWith("fail"));
    expect(failed.map(([key]) => key.split("@")[0])).toContain(check);
  });

  it("finds nothing wrong once the engine has put back all that it can see", async () => {
    const shutting = ["azure-nic-guarded", "azure-subnet-unguarded", "azure-routes-unbound"];
    const others = [
      "azure-ingress-added",
      "azure-route-blackhole",
      "azure-network-widened",
      "azure-key-replaced",
    ];
    for (const name of [...shutting, ...others, "azure-address-unbound", "azure-forwarding-refused"])
      await azure.drift(name);
    const changed = [
      "network",
      "routes",
      "security",
      "subnet",
      "key",
      "client1-nic",
      "router1-nic",
      "client2-nic",
    ];
    expect((await azure.converge()).toSorted()).toEqual(changed.toSorted());
    for (const name of ["azure-size-changed", "azure-run-tag-changed", "azure-outbound-by-default"])
      await azure.drift(name);
    expect((await azure.converge()).toSorted()).toEqual(["client1", "client2", "subnet"]);
    expect(bad(await azure.look())).toEqual({});
    expect(await azure.converge()).toEqual([]);
  });

  it("finds nothing wrong once every drift has been taken back", async () => {
    expect(bad(await azure.look())).toEqual({});
  });

  it.each(faults.map(({ name, check, breaks }) => [name, check, breaks] as const))(
    "%s shows in %s",
    async (_name, check, breaks) => {
      azure.world.breakDown(breaks);
      const answers = Object.entries(await azure.look()).filter(([key]) => key.split("@")[0] === check);
      expect(answers.filter(([, answer]) => !answer.startsWith("pass"))).not.toEqual([]);
    },
  );

  it.each([
    ["azure/down", "blocked: could not look: connection refused"],
    ["azure/unauthorized", "blocked: could not look: credentials refused (401)"],
    ["azure/expired", "blocked: could not look: credentials refused (401)"],
    ["azure/throttled", "blocked: could not look: throttled (429)"],
    ["azure/garbage", "blocked: could not look: the answer could not be understood"],
  ])("with %s the first gate says why, and everything behind it is blocked", async (fault, answer) => {
    azure.world.breakDown(fault);
    const { "azure.identity": identity, ...others } = await azure.look();
    expect(identity).toBe(answer);
    for (const other of Object.values(others)) expect(other).toMatch(/^blocked: could not look: /);
  });

  it("calls a list that is denied, or whose last pages are lost, blocked, never empty", async () => {
    azure.world.breakDown("azure/denied/Microsoft.Resources/subscriptions/resources/read");
    expect(bad(await azure.look())).toEqual({
      "azure.inventory": "blocked: could not look: not permitted (403)",
      "azure.filter": "blocked: could not look: not permitted (403)",
    });
    azure.world.heal();
    azure.world.breakDown("azure/pages");
    const failed = "blocked: could not look: the far end failed (5xx)";
    expect(await azure.look()).toMatchObject({ "azure.regions": failed });
  });

  it("blocks what rests on routes in force where nobody may ask for them", async () => {
    azure.world.breakDown("azure/denied/Microsoft.Network/networkInterfaces/effectiveRouteTable/action");
    expect(bad(await azure.look())).toEqual({
      "azure.routes": "blocked: could not look: not permitted (403)",
    });
  });

  it("asks again where requests are limited for a moment only", async () => {
    azure.world.breakDown("azure/throttled", 200);
    expect(bad(await azure.look())).toEqual({});
  });

  it("fails one silent guest by its siblings' answers, and all of them by none", async () => {
    azure.world.breakDown("azure/client2/silent");
    expect(await azure.look()).toMatchObject({
      "g.ssh@client2": "fail: client2 is running and silent past its boot deadline, while a sibling answers",
      "g.ssh@client1": "pass: SSH answers with the expected host key (tries: 1)",
    });
    azure.world.heal();
    azure.world.breakDown("azure/silent");
    expect((await azure.look())["g.ssh@client2"]).toMatch(
      /^blocked: .*no sibling shows that asking works at all$/,
    );
  });

  it.each([
    [
      { "azure:principal": "aaaaaaaa-0000-1111-2222-bbbbbbbb0000" },
      "azure.identity",
      /^fail: .*another principal/,
    ],
    [{ "azure:location": "northeurope" }, "azure.shapes", /^fail: .*not offered/],
    [{ "azure:location": "moonbase" }, "azure.regions", /^fail: .*can not use the declared location/],
    [{ "azure:zone": "3" }, "azure.bootstrap@client1", /^fail: client1 differs in zone$/],
    [{ "azure:shape": "Standard_B4ms" }, "azure.bootstrap@client1", /^fail: client1 differs in size$/],
    [{ "azure:shape": "Standard_B4ms" }, "azure.shapes", /^fail: .*not offered in the zone$/],
    [{ "azure:shape": "Standard_B4ms" }, "azure.quotas", /^fail: vCPUs of the family: 6 too few$/],
    [{ "azure:shape": "Standard_D99" }, "azure.shapes", /^fail: .*not offered in the location$/],
    [{ "azure:user": "somebody" }, "azure.bootstrap@client1", /^fail: client1 differs in login name$/],
  ] as const)("holds what is there to the declaration: %j", async (changes, check, answer) => {
    expect((await azure.look(changes))[check]).toMatch(answer);
  });

  it("takes another subscription or tenant than the expected one for an impostor's", async () => {
    const other = "99998888-ffff-7777-eeee-6666dddd5555";
    expect((await azure.look({ "azure:subscription": other }))["azure.identity"]).toMatch(
      /^fail: the provider works in another subscription/,
    );
    expect((await azure.look({ "azure:tenant": other }))["azure.identity"]).toMatch(
      /^fail: .*another tenant/,
    );
  });

  it("names the field in which the image differs", async () => {
    const image = {
      ...{ publisher: "Canonical", offer: "ubuntu-24_04-lts", sku: "server" },
      version: "24.04.202510220",
    };
    const other = { ...image, generation: "V1", architecture: "Arm64" };
    expect((await azure.look({ "azure:image": other }))["azure.images"]).toBe(
      "fail: the image differs in generation, architecture",
    );
  });

  it("sends no token to whom the configured authority does not vouch for", async () => {
    expect((await azure.look({ "azure:ca": undefined }))["azure.identity"]).toBe(
      "blocked: could not look: the certificate does not lead to the configured authority",
    );
  });

  it("calls metadata that were cut short blocked, though what is left of them looks like an answer", async () => {
    const body = `${"x".repeat(outputBound - 4)}\n200 and more`;
    azure.answerMetadata("client1", { status: 404, body });
    expect((await azure.look())["azure.metadata@client1"]).toBe(
      "blocked: could not look: the answer was cut short",
    );
  });

  it("tells a substrate that the engine never made from one that is gone", async () => {
    const { things } = azure;
    Object.assign(azure, { things: new Map() });
    const answers = await azure.look();
    Object.assign(azure, { things });
    expect(answers["azure.network"]).toBe("blocked: could not look: there is nothing to compare it with");
    expect(answers["azure.images"]).toMatch(/^pass/);
  });

  it("says nothing of the far end's in any summary", async () => {
    const said = Object.values(await azure.look()).join("\n");
    expect(said).not.toMatch(
      /\b(?:\d{1,3}\.){3}\d{1,3}\b|\/subscriptions\/|[0-9a-f]{8}-[0-9a-f]{4}-|westeurope/,
    );
  });
});
