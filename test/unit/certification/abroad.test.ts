import { rm } from "node:fs/promises";
import { afterEach, describe, expect, it } from "vitest";
import { edgeFinder, openAbroad } from "../../../src/certification/abroad.ts";
import type { Progress } from "../../../src/certification/progress.ts";
import { Unreadable } from "../../../src/check/unreadable.ts";
import { overlayVariable } from "../../../src/environment/overlay.ts";
import { Problem } from "../../../src/environment/problem.ts";
import { groupsOf } from "../../../src/substrates/abroad.ts";
import { parseAws } from "../../../src/substrates/aws/config.ts";
import { aws } from "../../../src/substrates/aws/substrate.ts";
import { awsConfig, awsSecrets } from "../../support/aws.ts";
import { named } from "../../support/checks.ts";
import { layOver, project } from "../../support/gate.ts";

const folders: string[] = [];
afterEach(async () => {
  delete process.env[overlayVariable];
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

const far = { substrate: named("pve"), endpoint: named("edge1") };

/** Opens what a flow to another substrate needs, with the lab's addresses and tokens or without them. */
async function open(to: string, overlaid = true) {
  if (overlaid) folders.push(await layOver());
  const notes: Progress[] = [];
  const flow = { from: "router1", to, at: "public", protocol: "icmp" };
  const config = { ...awsConfig(), ...awsSecrets(), "aws:flows": [flow] };
  const means = {
    ...{ engine: "/nowhere/pulumi", project, debug: () => undefined },
    ...{ signal: new AbortController().signal, progress: (note: Progress) => void notes.push(note) },
  };
  const subject = { open: aws.open(config, "test"), stack: "lab-aws" };
  return { opened: await openAbroad([subject], "lab", means), notes };
}

describe("another substrate", () => {
  it("is known by its own stack config, and by the host key that is recorded", async () => {
    const { opened } = await open("pve/edge1");
    const hostKeys = { pve: { edge1: { fingerprint: "SHA256:abc", machine: "m" } } };
    const known = edgeFinder(opened, hostKeys)(far);
    expect(known).toMatchObject({ publicAddress: "192.0.2.77", hostKey: "SHA256:abc" });
    expect(known.endpoint).toMatchObject({ name: "edge1", host: "10.77.99.15", port: 22, user: "lab" });
    expect(known.access.connectTimeout).toBe(5_000);
  });

  it("has no recorded host key before it was certified, and none that can be told without the ledger", async () => {
    const { opened } = await open("pve/edge1");
    expect(() => edgeFinder(opened, {})(far)).toThrow(/^no host key is recorded/);
    const unread = new Unreadable("engine", "for the test");
    expect(() => edgeFinder(opened, unread)(far)).toThrow(unread);
  });

  it("whose stack config can not be read blocks what asks for it, with a note to people, and is no problem", async () => {
    const { opened, notes } = await open("pve/edge1", false);
    expect(() => edgeFinder(opened, {})(far)).toThrow(Unreadable);
    expect(notes).toEqual([{ kind: "note", text: expect.stringContaining("can not be tried: stacks/") }]);
  });

  it.each([
    ["pve/edge2", "stacks/Pulumi.lab-aws.yaml flows: expected one of pve/edge1, got pve/edge2"],
    ["pve/leaf1", "expected one of pve/edge1, got pve/leaf1"],
    ["gcp/edge1", 'substrate "gcp": expected one of '],
  ])("that %s does not name is refused", async (to, message) => {
    await expect(open(to)).rejects.toThrow(Problem);
    await expect(open(to)).rejects.toThrow(message);
  });

  it("adds its check to those of reachability, where it is expected of a certification, and else to none", () => {
    const at = "public";
    const flow = { from: "router1", to: "pve/edge1", at, protocol: "icmp" };
    const config = { ...awsConfig(), ...awsSecrets(), "aws:flows": [flow, { ...flow, from: "router2" }] };
    const { reachability, ...others } = groupsOf(aws, aws.open(config, "test"));
    expect(reachability).toEqual(["aws.eastwest", "aws.negative", "aws.pve"]);
    const { reachability: own, ...same } = aws.groups;
    expect({ own, same }).toEqual({ own: ["aws.eastwest", "aws.negative"], same: others });
    expect(groupsOf(aws, {})).toBe(aws.groups);
  });

  it("is not opened where no flow leads to it", async () => {
    const flow = { from: "router1", to: "router2", protocol: "icmp" };
    const config = parseAws({ ...awsConfig(), ...awsSecrets(), "aws:flows": [flow] }, "test");
    expect(config.crossings).toEqual([]);
    const { opened } = await open("router2");
    expect(opened.size).toBe(0);
  });
});
