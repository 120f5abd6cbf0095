import { describe, expect, it } from "vitest";
import { hindranceOf } from "../../../src/certification/hindrance.ts";
import { change, urnOf } from "../../support/certification.ts";

const recorded = { id: "100", created: "", substance: {} };
const template = { ...recorded, urn: urnOf("template"), name: "template", kept: true, adopted: true };
const bridge = { ...recorded, urn: urnOf("fabric-a"), name: "fabric-a", kept: true, adopted: false };
const guest = { ...recorded, urn: urnOf("leaf1"), name: "leaf1", kept: false, adopted: false };
const known = { resources: [template, bridge, guest], pendingCreates: [] };

describe("a creation of which nobody saw the end", () => {
  it("comes before everything else: a person says whether it is there", () => {
    const pendingCreates = [{ urn: urnOf("leaf2"), name: "leaf2", type: "a:b:C", inputs: {} }];
    expect(hindranceOf("lab-pve", [change("template", "replace")], { ...known, pendingCreates })).toBe(
      "lab-pve: nobody saw how the creation of leaf2 ended. Remove it where it exists, then: " +
        "`pulumi refresh -s lab-pve --clear-pending-creates`",
    );
  });
});

describe("an adopted thing that is not there", () => {
  it("is made by whoever keeps it, or is adopted no more", () => {
    const changes = [change("leaf1", "update", "mtu"), change("template", "absent")];
    expect(hindranceOf("lab-pve", changes, known)).toBe(
      "template is adopted and not there. Whoever keeps it has to make it again; or name another one in " +
        "stacks/Pulumi.lab-pve.yaml, or adopt none there, and it is made",
    );
  });
});

describe("a replacement", () => {
  it("of an adopted thing is never advised: a person puts it back, or lets go of it", () => {
    const told = hindranceOf("lab-pve", [change("template", "replace", "nodeName")], known);
    expect(told).toBe(
      "template was there before us and is another one now than the stack config says. Put it back by hand, or " +
        `correct the config and let go of this one: \`pulumi state unprotect -s lab-pve '${template.urn}'\`, ` +
        `then \`pulumi state delete -s lab-pve '${template.urn}'\``,
    );
  });

  it("of a protected thing of ours is left to a person, with the command for it", () => {
    const told = hindranceOf("lab-pve", [change("fabric-a", "replace", "name")], known);
    expect(told).toBe(
      "fabric-a would have to be replaced, but is protected. Put it right by hand, or: " +
        `\`pulumi state unprotect -s lab-pve '${bridge.urn}'\`, then \`pulumi up -s lab-pve --replace '${bridge.urn}'\``,
    );
  });

  it("is found among other changes", () => {
    const changes = [change("leaf1", "update", "mtu"), change("fabric-a", "replace", "name")];
    expect(hindranceOf("lab-pve", changes, known)).toMatch(/^fabric-a would have to be replaced/);
  });

  it("of anything else, and a change of what is kept, is in nobody's way", () => {
    const changes = [change("leaf1", "replace", "nodeName"), change("fabric-a", "update", "mtu")];
    expect(hindranceOf("lab-pve", changes, known)).toBeUndefined();
  });
});
