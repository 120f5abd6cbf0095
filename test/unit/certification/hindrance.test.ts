import { describe, expect, it } from "vitest";
import { hindranceOf } from "../../../src/certification/hindrance.ts";
import { change, urnOf } from "../../support/certification.ts";

const recorded = { id: "100", created: "", substance: {} };
const template = { ...recorded, urn: urnOf("template"), name: "template", kept: true, adopted: true };
const bridge = { ...recorded, urn: urnOf("fabric-a"), name: "fabric-a", kept: true, adopted: false };
const guest = { ...recorded, urn: urnOf("leaf1"), name: "leaf1", kept: false, adopted: false };
const known = { resources: [template, bridge, guest], pendingCreates: [] };

describe("a replacement", () => {
  it("of an adopted thing is never advised: a person puts it back, or lets go of it", () => {
    const told = hindranceOf("lab-pve", [change("template", "replace", "nodeName")], known);
    expect(told).toContain("was there before us");
    expect(told).toContain(`pulumi state unprotect -s lab-pve '${template.urn}'`);
    expect(told).toContain(`pulumi state delete -s lab-pve '${template.urn}'`);
    expect(told).not.toContain("--replace");
  });

  it("of a protected thing of ours is left to a person, with the command for it", () => {
    const told = hindranceOf("lab-pve", [change("fabric-a", "replace", "name")], known);
    expect(told).toContain(`pulumi up -s lab-pve --replace '${bridge.urn}'`);
  });

  it("of anything else, and a change of what is kept, is in nobody's way", () => {
    const changes = [change("leaf1", "replace", "nodeName"), change("fabric-a", "update", "mtu")];
    expect(hindranceOf("lab-pve", changes, known)).toBeUndefined();
  });
});
