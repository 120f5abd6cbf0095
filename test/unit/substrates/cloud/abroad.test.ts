// Flows between a cloud and another substrate, asked of both ends in one world: a real plan on each side's own double.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Unreadable } from "../../../../src/check/unreadable.ts";
import { fingerprintOf } from "../../../../src/probes/key.ts";
import type { Sight } from "../../../../src/substrates/substrate.ts";
import { generateHostKey } from "../../../../src/world/hostkey.ts";
import { type Aws, startAws } from "../../../support/aws.ts";

let aws: Aws;
beforeAll(async () => {
  aws = await startAws();
});
afterEach(() => aws.heal());
afterAll(() => aws[Symbol.asyncDispose]());

const routers = ["router1", "router2"] as const;
const checks = routers.map((router) => `aws.pve@${router}`);

/** The answers about what is abroad; every other one is demanded to be a pass. */
async function abroad(edge?: Sight["edge"], changes = {}): Promise<readonly (string | undefined)[]> {
  const answers = await aws.look(changes, edge);
  const others = Object.entries(answers).filter(([key]) => !checks.includes(key));
  expect(others.filter(([, answer]) => !answer.startsWith("pass"))).toEqual([]);
  return checks.map((key) => answers[key]);
}

const both = (said: (router: string) => string) => routers.map(said);

/** Has the edge's firewall let nothing out that begins there. */
async function holdBack(): Promise<void> {
  const path = "/nodes/pve2/qemu/9105/firewall/options";
  await aws.abroad.send({ method: "PUT", path, form: { policy_out: "DROP" } });
}

describe("flows to and from another substrate", () => {
  it("pass where both ways work, and what must not work does not", async () => {
    expect(await abroad()).toEqual(
      both(() => "pass: 6 of 6 flows to and from pve/edge1 are as they must be"),
    );
  });

  it("fail by their direction where the site no longer lets anything in", async () => {
    aws.world.breakDown("pve/site/unforwarded");
    const said = (router: string) =>
      `fail: one way only: pve/edge1 reaches ${router}, and nothing gets from ${router} to pve/edge1`;
    expect(await abroad()).toEqual(both(said));
  });

  it("fail by their direction where the edge may not begin a flow by itself", async () => {
    await holdBack();
    const said = (router: string) =>
      `fail: one way only: ${router} reaches pve/edge1, and nothing gets from pve/edge1 to ${router}`;
    expect(await abroad()).toEqual(both(said));
  });

  it("fail by flow where a rule on either side lets one protocol no longer in", async () => {
    await aws.drift("aws-wireguard-shut");
    const answers = await aws.look();
    for (const check of checks) expect(answers[check]).toBe("fail: no answer: udp 51820 from pve/edge1");
    await aws.heal();
    const rules = "/nodes/pve2/qemu/9105/firewall/rules";
    await aws.abroad.send({ method: "DELETE", path: `${rules}/2` });
    expect(await abroad()).toEqual(both(() => "fail: no answer: udp 51820 to pve/edge1"));
  });

  it("fail where something works that must not", async () => {
    const at = "public";
    const flows = [
      { from: "router1", to: "pve/edge1", at, protocol: "icmp" },
      { from: "router1", to: "pve/edge1", at, protocol: "udp", port: 51820, works: false },
      { from: "pve/edge1", to: "router1", at, protocol: "icmp" },
      { from: "client1", to: "client2", protocol: "icmp" },
    ];
    const [said] = await abroad(undefined, { "aws:flows": flows });
    expect(said).toBe("fail: must not work and does: udp 51820 to pve/edge1");
    aws.world.breakDown("pve/edge1/mute");
    const [unseen] = await abroad(undefined, { "aws:flows": flows });
    expect(unseen).toBe("fail: must not work and does: udp 51820 to pve/edge1");
  });
});

describe("what of another substrate can not be seen is blocked, and said as such", () => {
  it("where its endpoint answers nothing", async () => {
    aws.world.breakDown("pve/edge1/silent");
    expect(await abroad()).toEqual(both(() => "blocked: could not look from pve/edge1: no answer in time"));
  });

  it("where one end has fallen silent after it was asked", async () => {
    let asked = 0;
    const counting: Sight["edge"] = (far) => {
      asked += 1;
      return aws.abroad.edge(far);
    };
    await abroad(counting);
    const once = asked;
    await holdBack();
    asked = 0;
    expect(await abroad(counting)).toEqual(both(() => expect.stringMatching(/^fail: one way only/)));
    // One question more for each pair: whether both ends are still there.
    expect(asked).toBe(once + routers.length);
    const failing = (then: () => void): Sight["edge"] => {
      asked = 0;
      return (far) => {
        asked += 1;
        if (asked > once) then();
        return aws.abroad.edge(far);
      };
    };
    const gone = failing(() => aws.world.breakDown("pve/edge1/silent"));
    expect(await abroad(gone)).toEqual(
      both(() => "blocked: could not look from pve/edge1: no answer in time"),
    );
    aws.world.heal();
    const answers = await aws.look(
      {},
      failing(() => aws.world.breakDown("aws/silent")),
    );
    for (const check of checks) expect(answers[check]).toMatch(/^blocked: could not look: /);
  });

  it("where no path is seen from either end", async () => {
    aws.world.breakDown("pve/site/unforwarded");
    await holdBack();
    expect(await abroad()).toEqual(
      both((router) => `blocked: no path between ${router} and pve/edge1 is seen from either end`),
    );
  });

  it("where it shows another host key than the recorded one", async () => {
    const hostKey = fingerprintOf(generateHostKey().publicKey);
    const said = await abroad((far) => ({ ...aws.abroad.edge(far), hostKey }));
    expect(said).toEqual(
      both(() => "blocked: could not look from pve/edge1: it shows another host key than the recorded one"),
    );
  });

  it.each([
    ["no-record", "no host key is recorded; certify pve once with --repair"],
    ["no-expectation", "there is nothing to compare it with"],
    ["engine", "the engine could not look"],
  ] as const)("where its endpoint is not known: %s", async (reason, words) => {
    const unknown = () => {
      throw new Unreadable(reason, "for the test");
    };
    expect(await abroad(unknown)).toEqual(both(() => `blocked: could not look from pve/edge1: ${words}`));
  });

  it("where a flow must not work and none shows that anything gets there", async () => {
    const at = "public";
    const flows = [
      { from: "router1", to: "pve/edge1", at, protocol: "tcp", port: 22, works: false },
      { from: "pve/edge1", to: "router1", at, protocol: "icmp" },
      { from: "client1", to: "client2", protocol: "icmp" },
    ];
    const [said] = await abroad(undefined, { "aws:flows": flows });
    expect(said).toBe("blocked: could not look: there is nothing to compare it with");
  });
});

it("an endpoint abroad is logged in to once, whoever leads there", async () => {
  let logins = 0;
  const edge: Sight["edge"] = (far) => {
    const known = aws.abroad.edge(far);
    const { sshKey } = known.access;
    const reveal = () => {
      logins += 1;
      return sshKey.reveal();
    };
    return {
      ...known,
      access: { ...known.access, sshKey: Object.assign(Object.create(sshKey), { reveal }) },
    };
  };
  await abroad(edge);
  // With the same key at the jump host before it.
  expect(logins).toBe(2);
});
