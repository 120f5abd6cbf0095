import { describe, expect, it } from "vitest";
import { readEvents } from "../../../src/engine/changes.ts";
import { captured, step, summary } from "../../support/events.ts";

const told = (run: string) =>
  readEvents(captured(run)).changes.map(({ name, action, properties }) => [name, action, ...properties]);

describe("a captured run", () => {
  it("without drift has no changes, and is complete", () => {
    const { changes, done, errors, complete } = readEvents(captured("preview-without-drift"));
    expect({ changes, done: [...done], errors, complete }).toEqual({
      changes: [],
      done: [],
      errors: [],
      complete: true,
    });
  });

  it("with drift names each resource once, with what differs; refresh, provider and stack steps are none", () => {
    expect(told("preview-of-three-drifts")).toEqual([
      ["fabric-a", "update", "vids", "vlanAware"],
      ["client1", "update", "agent.enabled"],
      ["client2", "create"],
      ["client2-firewall", "replace"],
      ["client2-rules", "update", "rules"],
    ]);
  });

  it("that repairs has done all of it", () => {
    const { changes, done, complete } = readEvents(captured("repair-of-three-drifts"));
    expect(changes).toHaveLength(5);
    expect([...done].sort()).toEqual(changes.map(({ urn }) => urn).sort());
    expect(complete).toBe(true);
  });

  it("that provisions creates everything but what was there before, which it imports", () => {
    const { changes, done } = readEvents(captured("provisioning"));
    expect(changes.filter(({ action }) => action === "import").map(({ name }) => name)).toEqual(["fabric-b"]);
    expect(changes.filter(({ action }) => action === "create")).toHaveLength(15);
    expect(done.size).toBe(16);
  });

  it("that deletes before it creates is one replacement, done", () => {
    const { changes, done } = readEvents(captured("delete-before-replace"));
    expect(changes.map(({ name, action }) => [name, action])).toEqual([["client2-rules", "replace"]]);
    expect(done.size).toBe(1);
  });

  it("in which a replacement failed has not done it, and keeps the engine's words apart", () => {
    const { changes, done, failed, errors, complete } = readEvents(captured("failed-replacement"));
    expect(changes.map(({ name, action }) => [name, action])).toEqual([["client2", "replace"]]);
    expect(done.size).toBe(0);
    expect([...failed]).toEqual(changes.map(({ urn }) => urn));
    expect(errors.join()).toMatch(/VM 9104 already exists/);
    expect(complete).toBe(false);
  });

  it("against a dead API has errors, and is not complete", () => {
    const { changes, errors, complete } = readEvents(captured("preview-of-dead-api"));
    expect(changes).toEqual([]);
    expect(errors.length).toBeGreaterThan(10);
    expect(complete).toBe(false);
  });

  it("tells what it would import and does not find, by the engine's words about that alone", () => {
    const bridge = "urn:pulumi:lab-pve::substrate::proxmoxve:network/linux/bridge:Bridge::fabric-b";
    const importing = step("resourcePreEvent", { op: "import", urn: bridge });
    const words = "Preview failed: resource 'pve2:vmbr1' does not exist\n";
    const about = (urn: string, message = words) => ({
      diagnosticEvent: { severity: "error", message, urn },
    });
    const action = (...events: unknown[]) => readEvents([importing, ...events]).changes[0]?.action;
    expect(action(about(bridge))).toBe("absent");
    expect(action(about(`${bridge}-b`))).toBe("import");
    expect(action(about(bridge, "the node does not exist"))).toBe("import");
  });

  it("that was cut short is not complete, for its silence is no absence of drift", () => {
    const events = captured("preview-without-drift").slice(0, -2);
    expect(readEvents(events).complete).toBe(false);
    expect(readEvents([]).complete).toBe(false);
  });
});

describe("what is done", () => {
  const deleted = step("resOutputsEvent", { op: "delete-replaced" });
  const announced = step("resOutputsEvent", { op: "replace" });

  it("is no replacement of which only the old half is gone", () => {
    expect(readEvents([deleted, announced, summary()]).done.size).toBe(0);
    const created = step("resOutputsEvent", { op: "create-replacement" });
    expect(readEvents([deleted, announced, created, summary()]).done.size).toBe(1);
  });

  it("is no replacement whose old half stayed", () => {
    const created = step("resOutputsEvent", { op: "create-replacement" });
    const failed = step("resOpFailedEvent", { op: "delete-replaced" });
    expect(readEvents([created, failed, summary()]).done.size).toBe(0);
  });
});

describe("properties", () => {
  const changed = (metadata: Readonly<Record<string, unknown>>) =>
    readEvents([step("resourcePreEvent", metadata)]).changes.flatMap(({ properties }) => properties);
  const inputs = { tags: {}, nics: [], cpu: {} };
  const update = { op: "update", old: { inputs }, new: { inputs } };

  it("come with their paths from the detailed diff, else by their names from the diff", () => {
    expect(changed({ ...update, detailedDiff: { "nics[0].vlan": {} }, diffs: ["nics"] })).toEqual([
      "nics[0].vlan",
    ]);
    expect(changed({ ...update, detailedDiff: null, diffs: ["cpu"] })).toEqual(["cpu"]);
  });

  it("are inputs; outputs that are not known yet are nobody's doing", () => {
    expect(changed({ ...update, detailedDiff: { "cpu.cores": {}, addresses: {} } })).toEqual(["cpu.cores"]);
  });

  it("keep keys to themselves that somebody outside may have chosen", () => {
    const detailedDiff = { 'tags["10.0.0.1 secret"]': {}, "tags.host-10-0-0-1": {}, 'tags["b"].c': {} };
    expect(changed({ ...update, detailedDiff })).toEqual(["tags"]);
  });

  it("of a replacement in several steps are those of all steps", () => {
    const pre = (op: string, path: string) =>
      step("resourcePreEvent", { ...update, op, detailedDiff: { [path]: {} } });
    const { changes } = readEvents([
      pre("create-replacement", "cpu"),
      pre("replace", "nics[1]"),
      pre("delete-replaced", "cpu"),
    ]);
    expect(changes.map(({ action, properties }) => ({ action, properties }))).toEqual([
      { action: "replace", properties: ["cpu", "nics[1]"] },
    ]);
  });
});

describe("an event that is not understood is an error, never an absence of drift:", () => {
  it.each([
    ["no object", 7],
    ["a step without a URN", { resourcePreEvent: { metadata: { op: "update", type: "a:b:C" } } }],
    ["a step that nobody knows", step("resourcePreEvent", { op: "transmogrify" })],
    ["a step with the name of a builtin", step("resourcePreEvent", { op: "constructor" })],
    [
      "a name that is no logical one",
      step("resourcePreEvent", { op: "update", urn: "urn:a::b::c:d:E::Bad Name" }),
    ],
    ["a diff that is no map", step("resourcePreEvent", { op: "update", detailedDiff: "all" })],
    ["a diagnostic without severity", { diagnosticEvent: { message: "hm" } }],
  ])("%s", (_what, event) => {
    expect(() => readEvents([event, summary()])).toThrow();
  });

  it("counted changes of which none came", () => {
    expect(() => readEvents([summary({ same: 3, update: 1 })])).toThrow(/counts/);
  });

  it("but events of kinds that do not matter pass", () => {
    expect(readEvents([{ preludeEvent: {} }, { stdoutEvent: {} }, summary()]).complete).toBe(true);
  });

  it("and changes of a provider or the stack are counted, yet no drift", () => {
    const provider = step("resourcePreEvent", {
      op: "update",
      urn: "urn:pulumi:lab-pve::substrate::pulumi:providers:proxmoxve::pve",
    });
    expect(readEvents([provider, summary({ update: 1 })]).changes).toEqual([]);
  });
});

it.each([
  ["succeeded", true],
  ["failed", false],
  ["canceled", false],
])("A run that the engine calls %s at its end is complete: %s", (result, complete) => {
  expect(readEvents([{ summaryEvent: { resourceChanges: {}, result } }]).complete).toBe(complete);
});
