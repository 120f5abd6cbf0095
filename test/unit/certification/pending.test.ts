import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
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

async function claim({ inputs }: Claim, signal: AbortSignal): Promise<Claimed | undefined> {
  if (signal.aborted) throw new Unreadable("cancelled", "claim");
  if (inputs.name === "unseen") throw new Unreadable("forbidden", "list");
  return claimOf[String(inputs.name)];
}

const provider = "urn:pulumi:lab-pve::substrate::pulumi:providers:a::pve";
const pendingOps = ["there", "also", "gone", "foreign", "unseen"].map((name) => ({
  type: "creating",
  resource: {
    ...{ urn: urnOf(name), type: "a:b:C", custom: true, inputs: { name }, provider: `${provider}::1` },
    dependencies: [urnOf("first")],
  },
}));
const exportedNow = {
  version: 3,
  deployment: {
    manifest: { time: "then" },
    resources: [
      { urn: provider, type: "pulumi:providers:a", id: "1" },
      { urn: urnOf("first"), type: "a:b:C", id: "1" },
      { urn: urnOf("behind"), type: "a:b:C", id: "2", dependencies: [urnOf("there")] },
    ],
    pending_operations: pendingOps,
  },
};
const imported = z.object({
  version: z.literal(3),
  deployment: z.object({
    manifest: z.object({ time: z.literal("then") }),
    resources: z.array(z.object({ urn: z.string(), id: z.string() })),
    pending_operations: z.array(z.unknown()),
  }),
});

/** An engine that exports these operations as under way, and keeps what is imported. */
const keeping = 'if [ "$2" = export ]; then cat export.json; else cat "$6" > imported.json; fi';

/** Settles creations of which so much is known; gives the verdict, the resources and operations left, and what was told. */
async function settled(names: readonly string[], script = keeping, stop?: AbortSignal) {
  const told: object[] = [];
  const debugged: string[] = [];
  return withEngine(script, async (asking) => {
    const means = {
      ...asking,
      signal: stop ?? asking.signal,
      progress: (event: object) => void told.push(event),
      debug: (line: string) => void debugged.push(line),
    };
    const pending_operations = pendingOps.filter(({ resource }) => names.includes(resource.inputs.name));
    const document = { ...exportedNow, deployment: { ...exportedNow.deployment, pending_operations } };
    await writeFile(join(asking.project, "export.json"), JSON.stringify(document));
    const taken = await settlePending(
      { inspection: { claim }, stack: "lab-pve" },
      means,
      names.map(pendingOf),
    );
    const verdict = taken?.map(({ name }) => name);
    const text = await readFile(join(asking.project, "imported.json"), "utf8").catch(() => undefined);
    const { deployment } = text === undefined ? {} : imported.parse(JSON.parse(text));
    const ids = deployment?.resources.map(({ urn, id }) => [urn.split("::").at(-1), id].join(" "));
    return { verdict, told, debugged, ids, left: deployment?.pending_operations };
  });
}

describe("creations that were cut off", () => {
  it("are taken over where they are there and ours, behind what they refer to and before what refers to them", async () => {
    expect(await settled(["there", "also"])).toEqual({
      verdict: ["there", "also"],
      told: [{ kind: "note", text: "lab-pve: creations that were cut off are settled: there, also" }],
      debugged: [],
      ids: ["pve 1", "first 1", "also 200", "there 100", "behind 2"],
      left: [],
    });
  });

  it("are forgotten where they are not there", async () => {
    const { verdict, ids, left } = await settled(["gone", "there"]);
    expect({ verdict, ids, left }).toEqual({
      ...{ verdict: ["there"], ids: ["pve 1", "first 1", "there 100", "behind 2"], left: [] },
    });
  });

  it("are left as they are, all of them, where one can not be told apart from somebody else's", async () => {
    const nothing = { told: [], debugged: [], ids: undefined, left: undefined };
    expect(await settled(["there", "foreign"])).toEqual({ verdict: undefined, ...nothing });
  });

  it("are left as they are where nobody can look", async () => {
    const { verdict, told, debugged, ids } = await settled(["there", "unseen"]);
    expect([verdict, told, ids]).toEqual([undefined, [], undefined]);
    expect(debugged).toEqual([expect.stringContaining("not permitted (403): list")]);
  });

  it("are looked for no more in a run that was cancelled", async () => {
    const { verdict, debugged } = await settled(["gone"], keeping, AbortSignal.abort());
    expect([verdict, debugged]).toEqual([
      undefined,
      [expect.stringContaining("the run was cancelled: claim")],
    ]);
  });

  it.each([
    "echo locked >&2; exit 255",
    'if [ "$2" = export ]; then cat export.json; else echo locked >&2; exit 255; fi',
  ])("are not settled where the engine fails: %s", async (script) => {
    const { verdict, told, debugged } = await settled(["gone"], script);
    expect([verdict, told]).toEqual([undefined, []]);
    expect(debugged).toEqual([expect.stringContaining("locked")]);
  });

  it("are not settled where what the engine exports can not be read", async () => {
    const { verdict, debugged } = await settled(["gone"], "echo '{}'");
    expect([verdict, debugged]).toEqual([undefined, [expect.stringContaining("could not be understood")]]);
  });
});
