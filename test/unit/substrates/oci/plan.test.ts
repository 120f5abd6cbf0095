import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { outputBound } from "../../../../src/probes/driver.ts";
import { drifts, faults } from "../../../../src/substrates/oci/drifts.ts";
import { type Oci, startOci } from "../../../support/oci.ts";

let oci: Oci;
beforeAll(async () => {
  oci = await startOci();
});
afterEach(() => oci.heal());
afterAll(() => oci[Symbol.asyncDispose]());

/** Answers that are no pass. */
function bad(answers: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(answers).filter(([, answer]) => !answer.startsWith("pass")));
}

const guests = ["router1", "router2", "client1", "client2"];

describe("a look at OCI", () => {
  it("passes every check of a substrate that is as declared, and changes nothing", async () => {
    const before = oci.world.effects.length;
    const answers = await oci.look();
    expect(bad(answers)).toEqual({});
    const perGuest = [
      ...["g.ssh", "g.cloudinit", "g.hostname", "g.addr", "g.userdata", "g.instanceid", "g.fw"],
      ...["oci.bootstrap", "oci.sshkey", "oci.pubip", "oci.metadata", "oci.eastwest", "oci.negative"],
    ];
    expect(Object.keys(answers).toSorted()).toEqual(
      [
        ...["oci.identity", "oci.regions", "oci.quotas", "oci.images", "oci.shapes"],
        ...["oci.network", "oci.routes", "oci.sg", "oci.inventory", "oci.filter"],
        ...perGuest.flatMap((id) => guests.map((guest) => `${id}@${guest}`)),
        ...["oci.fwdflag@router1", "oci.fwdflag@router2", "oci.pve@router1", "oci.pve@router2"],
      ].toSorted(),
    );
    expect(oci.world.effects).toHaveLength(before);
  });

  it.each(drifts.map(({ name, check }) => [name, check]))("%s is caught by %s", async (name, check) => {
    await oci.drift(name);
    const failed = Object.entries(await oci.look()).filter(([, answer]) => answer.startsWith("fail"));
    expect(failed.map(([key]) => key.split("@")[0])).toContain(check);
  });

  it("waits for a guest that was started just now, of which OCI does not tell", async () => {
    const machine = [...oci.world.machines.values()].find(
      ({ substrate, label }) => `${substrate}/${label}` === "oci/client2",
    );
    Object.assign(machine ?? {}, { readyAt: oci.world.now() + 3_000 });
    expect(await oci.look()).toMatchObject({ "g.ssh@client2": expect.stringMatching(/^pass: .*[2-9]/) });
  });

  it("takes no offence at others' instances of which the service tells no disk", async () => {
    const token = "oci:Core/getInstances:getInstances";
    const { compartment } = oci.config();
    const told = await oci.session.invoke(
      token,
      { compartmentId: compartment.id },
      AbortSignal.timeout(5_000),
    );
    const { instances } = z.object({ instances: z.array(z.record(z.string(), z.unknown())) }).parse(told);
    const foreign = {
      ...instances[0],
      id: "ocid1.instance.oc1..other",
      sourceDetails: [{ sourceType: "bootVolume" }],
    };
    const instead = (asked: string) =>
      asked === token ? { answer: { ...Object(told), instances: [...instances, foreign] } } : undefined;
    expect((await oci.look({}, undefined, instead))["oci.quotas"]).toMatch(/^pass/);
  });

  it("finds nothing wrong once every drift has been taken back", async () => {
    expect(bad(await oci.look())).toEqual({});
  });

  it.each(faults.map(({ name, check, breaks }) => [name, check, breaks] as const))(
    "%s shows in %s",
    async (_name, check, breaks) => {
      oci.world.breakDown(breaks);
      const answers = Object.entries(await oci.look()).filter(([key]) => key.split("@")[0] === check);
      expect(answers.filter(([, answer]) => !answer.startsWith("pass"))).not.toEqual([]);
    },
  );

  it.each([
    ["oci/down", "blocked: could not look: connection refused"],
    ["oci/unauthorized", "blocked: could not look: credentials refused (401)"],
    ["oci/throttled", "blocked: could not look: throttled (429)"],
  ])("with %s the first gate says why, and everything behind it is blocked", async (fault, answer) => {
    oci.world.breakDown(fault);
    const { "oci.identity": identity, ...others } = await oci.look();
    expect(identity).toBe(answer);
    for (const other of Object.values(others)) expect(other).toMatch(/^blocked: could not look: /);
  });

  it("calls a list that may not be seen blocked, never empty, though it is told to be absent", async () => {
    oci.world.breakDown("oci/denied/ListSecurityLists");
    const answers = bad(await oci.look());
    expect(answers["oci.sg"]).toBe("blocked: could not look: not permitted (403)");
    expect(answers["oci.inventory"]).toBe("blocked: could not look: not permitted (403)");
    expect(Object.keys(answers)).toHaveLength(2);
  });

  it.each([
    ["oci/denied/SearchResources", "not permitted (403)"],
    ["oci/search/later-pages", "the far end failed (5xx)"],
  ])("with %s calls the search blocked, never shorter, and judges the rest", async (fault, why) => {
    oci.world.breakDown(fault);
    expect(bad(await oci.look())).toEqual({
      "oci.inventory": `blocked: could not look: ${why}`,
      "oci.filter": `blocked: could not look: ${why}`,
    });
  });

  it("asks again where requests are limited for a moment only", async () => {
    oci.world.breakDown("oci/throttled", 200);
    expect(bad(await oci.look())).toEqual({});
  });

  it("fails one silent guest by its siblings' answers, and all of them by none", async () => {
    oci.world.breakDown("oci/client2/silent");
    expect(await oci.look()).toMatchObject({
      "g.ssh@client2": "fail: client2 is running and silent past its boot deadline, while a sibling answers",
      "g.ssh@client1": "pass: SSH answers with the expected host key (tries: 1)",
    });
    oci.world.heal();
    oci.world.breakDown("oci/silent");
    expect((await oci.look())["g.ssh@client2"]).toMatch(
      /^blocked: .*no sibling shows that asking works at all$/,
    );
  });

  it("fails flows into a guest whose own packet filter rejects them, by what the sender is told", async () => {
    await oci.drift("oci-guest-firewall-shut");
    expect(await oci.look()).toMatchObject({
      "oci.eastwest@client2": "fail: no answer: icmp to client1; tcp 5201 to client1; udp 51820 to client1",
      "oci.sg": expect.stringMatching(/^pass/),
    });
  });

  it.each([
    [
      {
        "oci:tenancy": { id: "ocid1.tenancy.oc1..exampleuniquetenancyid", name: "lab", namespace: "axother" },
      },
      "oci.identity",
      /^fail: .*another tenancy/,
    ],
    [
      {
        "oci:compartment": { id: "ocid1.compartment.oc1..exampleuniquecompartmentid", name: "production" },
      },
      "oci.identity",
      /^fail: .*these differ: the compartment's name$/,
    ],
    [
      { "oci:compartment": { id: "ocid1.compartment.oc1..exampleother", name: "release" } },
      "oci.identity",
      /^blocked: .*not permitted/,
    ],
    [
      { "oci:domain": "Labx:EU-FRANKFURT-1-AD-4" },
      "oci.regions",
      /^fail: .*availability domain can not be used/,
    ],
    [{ "oci:faultDomain": "FAULT-DOMAIN-4" }, "oci.regions", /^fail: .*fault domain can not be used/],
    [{ "oci:domain": "Labx:EU-FRANKFURT-1-AD-3" }, "oci.shapes", /^fail: .*not offered for the image/],
    [
      { "oci:domain": "Labx:EU-FRANKFURT-1-AD-2" },
      "oci.bootstrap@client1",
      /^fail: client1 differs in place$/,
    ],
    [
      { "oci:shape": { name: "VM.Standard.E4.Flex", ocpus: 200, memory: 8 } },
      "oci.shapes",
      /^fail: .*not offered with that many cores/,
    ],
    [
      { "oci:shape": { name: "VM.Standard.E4.Flex", ocpus: 2, memory: 8 } },
      "oci.bootstrap@client1",
      /^fail: client1 differs in shape$/,
    ],
    [
      { "oci:shape": { name: "VM.Standard.E4.Flex", ocpus: 6, memory: 8 } },
      "oci.quotas",
      /^fail: cores: 6 too few$/,
    ],
  ] as const)("holds what is there to the declaration: %j", async (changes, check, answer) => {
    expect((await oci.look(changes))[check]).toMatch(answer);
  });

  it("names the field in which the image differs", async () => {
    const id = "ocid1.image.oc1.eu-frankfurt-1.exampleuniqueimageid";
    const image = { id, name: "mine", system: "Oracle Linux", version: "9" };
    expect((await oci.look({ "oci:image": image }))["oci.images"]).toBe(
      "fail: the image differs in name, operating system, version",
    );
  });

  it("calls metadata that were cut short blocked, though what is left of them looks like an answer", async () => {
    const body = `${"x".repeat(outputBound - 4)}\n200 and more`;
    oci.answerMetadata("client1", { status: 404, body });
    expect((await oci.look())["oci.metadata@client1"]).toBe(
      "blocked: could not look: the answer was cut short",
    );
  });

  it("tells a substrate that the engine never made from one that is gone", async () => {
    const { things } = oci;
    Object.assign(oci, { things: new Map() });
    const answers = await oci.look();
    Object.assign(oci, { things });
    expect(answers["oci.network"]).toBe("blocked: could not look: there is nothing to compare it with");
    expect(answers["oci.images"]).toMatch(/^pass/);
  });

  it("says nothing of the far end's in any summary", async () => {
    const said = Object.values(await oci.look()).join("\n");
    expect(said).not.toMatch(/\b(?:\d{1,3}\.){3}\d{1,3}\b|ocid1|exampleunique|axexample/);
  });
});
