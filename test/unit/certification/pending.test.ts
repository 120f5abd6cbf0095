import { describe, expect, it } from "vitest";
import { settlePending } from "../../../src/certification/pending.ts";
import { Unreadable } from "../../../src/check/unreadable.ts";
import type { Claim, Claimed } from "../../../src/substrates/substrate.ts";
import { urnOf } from "../../support/certification.ts";
import { withEngine } from "../../support/engine.ts";

const pendingOf = (name: string) => ({ urn: urnOf(name), name, type: "a:b:C", inputs: { name } });
const claimOf: Readonly<Record<string, Claimed | undefined>> = {
  there: { there: true, id: "100" },
  also: { there: true, id: "200" },
  gone: { there: false },
  foreign: undefined,
};

async function claim({ inputs }: Claim): Promise<Claimed | undefined> {
  if (inputs.name === "unseen") throw new Unreadable("forbidden", "list");
  return claimOf[String(inputs.name)];
}

/** Settles creations of which so much is known; gives the verdict, what the engine was asked, and what was told. */
async function settled(names: readonly string[], script = "exit 0") {
  const told: string[] = [];
  const debugged: string[] = [];
  return withEngine(`echo "$*"; ${script}`, async (asking) => {
    const means = {
      ...asking,
      progress: (event: object) => void told.push("text" in event ? String(event.text) : ""),
      debug: (line: string) => void debugged.push(line),
    };
    const verdict = await settlePending({ open: { claim }, stack: "lab-pve" }, means, names.map(pendingOf));
    return { verdict, told, debugged };
  });
}

const refresh = "refresh --yes --skip-preview --non-interactive --stack lab-pve";

describe("creations that were cut off", () => {
  it("are taken over where they are there and ours, all in one refresh", async () => {
    expect(await settled(["there", "also"])).toEqual({
      verdict: true,
      told: ["lab-pve: creations that were cut off are settled: there, also"],
      debugged: [
        `${refresh} --import-pending-creates ${urnOf("there")} --import-pending-creates 100 ` +
          `--import-pending-creates ${urnOf("also")} --import-pending-creates 200`,
      ],
    });
  });

  it("are forgotten where they are not there", async () => {
    const { verdict, debugged } = await settled(["gone"]);
    expect([verdict, debugged]).toEqual([true, [`${refresh} --clear-pending-creates`]]);
  });

  it("are taken over before the rest is forgotten", async () => {
    const { debugged } = await settled(["gone", "there"]);
    expect(debugged).toEqual([
      `${refresh} --import-pending-creates ${urnOf("there")} --import-pending-creates 100`,
      `${refresh} --clear-pending-creates`,
    ]);
  });

  it("are left as they are, all of them, where one can not be told apart from somebody else's", async () => {
    expect(await settled(["there", "foreign"])).toEqual({ verdict: false, told: [], debugged: [] });
  });

  it("are left as they are where nobody can look", async () => {
    const { verdict, told, debugged } = await settled(["there", "unseen"]);
    expect([verdict, told]).toEqual([false, []]);
    expect(debugged).toEqual([expect.stringContaining("not permitted (403): list")]);
  });

  it("are not settled where the engine fails", async () => {
    const { verdict, told, debugged } = await settled(["gone"], "echo locked >&2; exit 255");
    expect([verdict, told]).toEqual([false, []]);
    expect(debugged).toEqual([expect.stringContaining(refresh), expect.stringContaining("locked")]);
  });
});
