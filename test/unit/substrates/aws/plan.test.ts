import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { outputBound } from "../../../../src/probes/driver.ts";
import { drifts, faults } from "../../../../src/substrates/aws/drifts.ts";
import type { Properties } from "../../../../src/substrates/double.ts";
import { type Aws, startAws } from "../../../support/aws.ts";

let aws: Aws;
beforeAll(async () => {
  aws = await startAws();
});
afterEach(() => aws.heal());
afterAll(() => aws[Symbol.asyncDispose]());

/** Answers that are no pass. */
function bad(answers: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(answers).filter(([, answer]) => !answer.startsWith("pass")));
}

const guests = ["router1", "router2", "client1", "client2"];

describe("a look at AWS", () => {
  it("passes every check of a substrate that is as declared, and changes nothing", async () => {
    const before = aws.world.effects.length;
    const answers = await aws.look();
    expect(bad(answers)).toEqual({});
    const perGuest = ["g.ssh", "g.cloudinit", "g.hostname", "g.addr", "g.userdata", "g.instanceid"];
    const ofGuests = [
      ...perGuest,
      "aws.bootstrap",
      "aws.pubip",
      "aws.metadata",
      "aws.eastwest",
      "aws.negative",
    ];
    expect(Object.keys(answers).toSorted()).toEqual(
      [
        ...["aws.identity", "aws.regions", "aws.quotas", "aws.images", "aws.shapes", "aws.sshkey"],
        ...["aws.network", "aws.routes", "aws.sg", "aws.inventory", "aws.filter"],
        ...ofGuests.flatMap((id) => guests.map((guest) => `${id}@${guest}`)),
        ...["aws.fwdflag@router1", "aws.fwdflag@router2", "aws.pve@router1", "aws.pve@router2"],
      ].toSorted(),
    );
    expect(aws.world.effects).toHaveLength(before);
  });

  it.each(drifts.map(({ name, check }) => [name, check]))("%s is caught by %s", async (name, check) => {
    await aws.drift(name);
    const failed = Object.entries(await aws.look()).filter(([, answer]) => answer.startsWith("fail"));
    expect(failed.map(([key]) => key.split("@")[0])).toContain(check);
  });

  it("finds nothing wrong once every drift has been taken back", async () => {
    expect(bad(await aws.look())).toEqual({});
  });

  it.each(faults.map(({ name, check, breaks }) => [name, check, breaks] as const))(
    "%s shows in %s",
    async (_name, check, breaks) => {
      aws.world.breakDown(breaks);
      const answers = Object.entries(await aws.look()).filter(([key]) => key.split("@")[0] === check);
      expect(answers.filter(([, answer]) => !answer.startsWith("pass"))).not.toEqual([]);
    },
  );

  it.each([
    ["aws/down", "blocked: could not look: connection refused"],
    ["aws/unauthorized", "blocked: could not look: credentials refused (401)"],
    ["aws/expired", "blocked: could not look: credentials refused (401)"],
    ["aws/throttled", "blocked: could not look: throttled (429)"],
  ])("with %s the first gate says why, and everything behind it is blocked", async (fault, answer) => {
    aws.world.breakDown(fault);
    const { "aws.identity": identity, ...others } = await aws.look();
    expect(identity).toBe(answer);
    for (const other of Object.values(others)) expect(other).toMatch(/^blocked: could not look: /);
  });

  it("calls a list that is denied blocked, never empty, and judges the rest", async () => {
    aws.world.breakDown("aws/denied/GetResources");
    expect(bad(await aws.look())).toEqual({
      "aws.inventory": "blocked: could not look: not permitted (403)",
      "aws.filter": "blocked: could not look: not permitted (403)",
    });
  });

  it("asks again where requests are limited for a moment only", async () => {
    aws.world.breakDown("aws/throttled", 200);
    expect(bad(await aws.look())).toEqual({});
  });

  it("tries flows once all guests have carried out their user data, and judges nothing of before", async () => {
    const router1 = [...aws.world.machines.values()].find(
      ({ substrate, label }) => `${substrate}/${label}` === "aws/router1",
    );
    if (router1 === undefined) throw new TypeError("no router1");
    const { system } = router1;
    const { cloudInit, listening, forwarding } = system;
    const early = { cloudInit: { ...cloudInit, status: "running" as const }, forwarding: false };
    Object.assign(system, early, { listening: listening.filter(({ port }) => port === 22) });
    setTimeout(() => Object.assign(system, { cloudInit, listening, forwarding }), 1_500);
    expect(bad(await aws.look())).toEqual({});
  });

  it("counts only instances on demand, and of the families that the quota is about", async () => {
    const quotas = async (instanceType: string, spot: readonly string[] = []) => {
      const ids = guests.map((guest) => aws.thing(guest).id);
      const other = "i-0123456789abcdef0";
      let told = 0;
      const instead = (token: string, { filters, instanceId }: Properties) => {
        if (token === "aws:ec2/getInstance:getInstance" && instanceId === other) {
          told += 1;
          return { answer: { instanceType } };
        }
        if (token !== "aws:ec2/getInstances:getInstances" || !Array.isArray(filters)) return undefined;
        return { answer: { ids: filters.length === 0 ? [...ids, other] : spot } };
      };
      return [(await aws.look({}, undefined, instead))["aws.quotas"], told];
    };
    expect(await quotas("p4d.24xlarge")).toEqual([expect.stringMatching(/^pass/), 1]);
    expect(await quotas("t3.medium", ["i-0123456789abcdef0"])).toEqual([expect.stringMatching(/^pass/), 0]);
    // The lab's account has room for its own alone.
    expect(await quotas("m5.24xlarge")).not.toEqual([expect.stringMatching(/^pass/), 1]);
  });

  it("fails one silent guest by its siblings' answers, and all of them by none", async () => {
    aws.world.breakDown("aws/client2/silent");
    expect(await aws.look()).toMatchObject({
      "g.ssh@client2": "fail: client2 is running and silent past its boot deadline, while a sibling answers",
      "g.ssh@client1": "pass: SSH answers with the expected host key (tries: 1)",
    });
    aws.world.heal();
    aws.world.breakDown("aws/silent");
    expect((await aws.look())["g.ssh@client2"]).toMatch(
      /^blocked: .*no sibling shows that asking works at all$/,
    );
  });

  it.each([
    [{ "aws:account": "210987654321" }, "aws.identity", /^fail: .*another account/],
    [
      { "aws:caller": "arn:aws:sts::123456789012:assumed-role/admin/" },
      "aws.identity",
      /^fail: .*another caller/,
    ],
    [{ "aws:zone": { name: "eu-central-1a", id: "euc1-az3" } }, "aws.regions", /^fail: .*another one/],
    [{ "aws:zone": { name: "eu-central-1d", id: "euc1-az4" } }, "aws.regions", /^fail: .*can not be used/],
    [{ "aws:shape": "t3.medium" }, "aws.bootstrap@client1", /^fail: client1 differs in instance type$/],
    [{ "aws:disk": "8", "aws:prefix": "routerd-lab" }, "aws.bootstrap@client1", /^pass/],
    [{ "aws:shape": "m7i.large" }, "aws.shapes", /^fail: .*not offered/],
  ] as const)("holds what is there to the declaration: %j", async (changes, check, answer) => {
    expect((await aws.look(changes))[check]).toMatch(answer);
  });

  it("proves no silence of a guest that is not shown to reach anybody", async () => {
    const shut = { from: "client1", to: "client2", at: "public", protocol: "tcp", port: 22, works: false };
    expect(await aws.look({ "aws:flows": [shut] })).toMatchObject({
      "aws.negative@client1": "blocked: could not look: there is nothing to compare it with",
    });
    const open = { from: "client1", to: "client2", protocol: "icmp", works: false };
    expect(await aws.look({ "aws:flows": [open] })).toMatchObject({
      "aws.negative@client1": "fail: must not work and does: icmp to client2",
    });
  });

  it("names the field in which the image differs", async () => {
    const image = { id: "ami-0123456789abcdef0", name: "mine", owner: "123456789012", architecture: "arm64" };
    expect((await aws.look({ "aws:image": image }))["aws.images"]).toBe(
      "fail: the image differs in name, owner, architecture",
    );
  });

  it("calls metadata that were cut short blocked, though what is left of them looks like an answer", async () => {
    const body = `${"x".repeat(outputBound - 4)}\n200 and more`;
    aws.answerMetadata("client1", { status: 404, body });
    expect((await aws.look())["aws.metadata@client1"]).toBe(
      "blocked: could not look: the answer was cut short",
    );
  });

  it("tells a substrate that the engine never made from one that is gone", async () => {
    const { things } = aws;
    Object.assign(aws, { things: new Map() });
    const answers = await aws.look();
    Object.assign(aws, { things });
    expect(answers["aws.network"]).toBe("blocked: could not look: there is nothing to compare it with");
    expect(answers["aws.images"]).toMatch(/^pass/);
  });

  it("says nothing of the far end's in any summary", async () => {
    const said = Object.values(await aws.look()).join("\n");
    expect(said).not.toMatch(/\b(?:\d{1,3}\.){3}\d{1,3}\b|\b(?:i|vpc|sg|ami)-[0-9a-f]{8}|arn:|123456789012/);
  });
});
