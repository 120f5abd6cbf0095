import { describe, expect, it } from "vitest";
import { parseCheckpoint } from "../../../src/engine/checkpoint.ts";
import { digest } from "../../../src/manifest/canonical.ts";

const run = { id: "run-7", expiresAt: "2026-11-29T16:01:45.000Z" };
const urn = (name: string) => `urn:pulumi:lab-pve::substrate::a:b:C::${name}`;

/** An export as `pulumi stack export` prints it. */
function exported(
  parts: {
    run?: typeof run;
    inputs?: object;
    id?: string;
    time?: string;
    outputs?: object;
    turned?: boolean;
  } = {},
) {
  const tag = parts.run ?? run;
  const vm = {
    type: "a:b:C",
    urn: urn("leaf1"),
    id: parts.id ?? "9102",
    inputs: {
      description: `run=${tag.id}; expires=${tag.expiresAt}`,
      tags: ["routerd", tag.id],
      cores: 1,
      ...parts.inputs,
    },
    outputs: parts.outputs ?? { mac: "BC:24" },
    created: parts.time ?? "2026-11-22T16:01:45Z",
  };
  const bridge = { type: "a:b:C", urn: urn("fabric-a"), id: "pve1:vmbr1", inputs: { mtu: 1500 } };
  const root = { type: "pulumi:pulumi:Stack", urn: urn("stack"), outputs: { run: tag } };
  const provider = {
    type: "pulumi:providers:a",
    urn: urn("a"),
    id: "1",
    inputs: { token: parts.time ?? "t" },
  };
  const things = parts.turned === true ? [bridge, vm] : [vm, bridge];
  return JSON.stringify({
    version: 3,
    deployment: { manifest: { time: parts.time }, resources: [root, provider, ...things] },
  });
}

const substance = (parts?: Parameters<typeof exported>[0]) =>
  digest(parseCheckpoint(exported(parts)).substance);

describe("a recorded resource", () => {
  it.each([
    [{}, { kept: false, adopted: false }],
    [{ protect: true }, { kept: true, adopted: false }],
    [
      { protect: true, retainOnDelete: true },
      { kept: true, adopted: true },
    ],
  ])("with the options %j is %j", (options, said) => {
    const one = { type: "a:b:C", urn: urn("fabric-a"), id: "pve1:vmbr1", ...options };
    const bytes = JSON.stringify({ deployment: { resources: [one] } });
    expect(parseCheckpoint(bytes).resources).toMatchObject([said]);
  });
});

describe("a checkpoint", () => {
  it("carries the run of its stack, and its own bytes", () => {
    const bytes = exported();
    expect(parseCheckpoint(bytes)).toMatchObject({ run, bytes });
  });

  it.each([
    ["no resources", '{"version":3,"deployment":{"manifest":{}}}'],
    ["no deployment", '{"version":3,"deployment":null}'],
  ])("of a stack with %s is empty", (_what, bytes) => {
    const empty = { run: undefined, substance: [], resources: [], pendingCreates: [], bytes };
    expect(parseCheckpoint(bytes)).toEqual(empty);
  });

  it.each([
    ["no JSON", "error: no"],
    ["nothing", ""],
    ["something else", "{}"],
    ["a list", "[]"],
    ["resources without a URN", '{"deployment":{"resources":[{"type":"a"}]}}'],
  ])("that is %s is unparsable", (_what, bytes) => {
    expect(() => parseCheckpoint(bytes)).toThrow(expect.objectContaining({ reason: "unparsable" }));
  });
});

describe("its substance", () => {
  it.each([
    ["the run's ID and expiry", { run: { id: "run-8", expiresAt: "2027-01-01T00:00:00.000Z" } }],
    ["times and the provider's own settings", { time: "2027-01-01T00:00:00Z" }],
    ["outputs", { outputs: { mac: "BC:25" } }],
    ["the order in which the engine wrote things down", { turned: true }],
  ])("is not changed by %s", (_what, parts) => {
    expect(substance(parts)).toBe(substance());
  });

  it.each([
    ["an input", { inputs: { cores: 2 } }],
    ["a new input", { inputs: { memory: 1 } }],
    ["an input that named the run and does no more", { inputs: { description: "run=; expires=" } }],
    ["an id", { id: "9103" }],
  ])("is changed by %s", (_what, parts) => {
    expect(substance(parts)).not.toBe(substance());
  });
});

describe("the substance of something imported", () => {
  function imported(
    inputs: Readonly<Record<string, unknown>>,
    parts: Readonly<Record<string, unknown>> = {},
  ) {
    const of = { urn: "urn:pulumi:lab::p::a:b:Bridge::fabric-b", type: "a:b:Bridge", id: "pve2:vmbr1" };
    const propertyDependencies = { mtu: [], name: [] };
    const resources = [{ ...of, importID: "pve2:vmbr1", propertyDependencies, inputs, ...parts }];
    return digest(parseCheckpoint(JSON.stringify({ deployment: { resources } })).substance);
  }
  const set = { mtu: 1500, name: "vmbr1" };

  it("is not changed by what the import read and the program does not set", () => {
    expect(imported({ ...set, timeoutReload: 100 })).toBe(imported(set));
  });

  it("is changed by what the program sets", () => {
    expect(imported({ ...set, mtu: 9000 })).not.toBe(imported(set));
  });

  it("has every input of what the program made itself", () => {
    const made = { importID: undefined };
    expect(imported({ ...set, timeoutReload: 100 }, made)).not.toBe(imported(set, made));
  });
});

it("A stack's substance is not changed by a provider that one update asked something and another did not", () => {
  const root = { type: "pulumi:pulumi:Stack", urn: "urn:pulumi:lab::p::pulumi:pulumi:Stack::p-lab" };
  const asked = {
    type: "pulumi:providers:pulumi",
    urn: "urn:pulumi:lab::p::pulumi:providers:pulumi::default",
  };
  const digestOf = (...resources: unknown[]) =>
    digest(parseCheckpoint(JSON.stringify({ deployment: { resources } })).substance);
  expect(digestOf(root, asked)).toBe(digestOf(root));
});
