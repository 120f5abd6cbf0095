import { expect, it } from "vitest";
import { readEvents } from "../../../src/engine/changes.ts";
import { essence } from "../../../src/engine/event.ts";
import { captured, runs, step, summary } from "../../support/events.ts";

const essences = (events: readonly unknown[]) => events.flatMap((event) => essence(event) ?? []);

it.each(runs)("%s says the same by what of it is passed on, in less than half of the words", (run) => {
  const events = captured(run);
  expect(readEvents(essences(events))).toEqual(readEvents(events));
  expect(JSON.stringify(essences(events)).length).toBeLessThan(JSON.stringify(events).length / 2);
});

it("passes nothing on of a resource that is as declared but that all went well", () => {
  const events = captured("preview-without-drift");
  const kinds = essences(events).flatMap((event) => Object.keys(Object(event)));
  expect(new Set(kinds)).toEqual(new Set(["summaryEvent"]));
});

it("passes no value on of what a resource was and is", () => {
  const inputs = { vlanId: "canary-1" };
  const event = step("resourcePreEvent", {
    op: "update",
    old: { inputs },
    new: { inputs },
    diffs: ["vlanId"],
  });
  expect(JSON.stringify(essence(event))).not.toContain("canary");
  expect(readEvents([essence(event), summary()]).changes[0]?.properties).toEqual(["vlanId"]);
});

it("passes on what failed, also where nothing was to be changed", () => {
  const failed = step("resOpFailedEvent", { op: "refresh" });
  const events = [failed, step("resOutputsEvent", { op: "update" }), summary()];
  expect(readEvents(essences(events))).toEqual(readEvents(events));
  expect(readEvents(essences(events)).failed.size).toBe(1);
});

it("passes on whole what it does not understand, so that it is refused", () => {
  const event = step("resourcePreEvent", { op: "transmogrify" });
  expect(essence(event)).toBe(event);
  expect(() => readEvents([essence(event), summary()])).toThrow();
});
