import { expect, it } from "vitest";
import { readOutputs } from "../../../src/pulumi/outputs.ts";
import { withEngine } from "../../support/engine.ts";

const outputsIn = (deployment: unknown) =>
  withEngine(`echo '${JSON.stringify({ version: 3, deployment })}'`, (asking) =>
    readOutputs("lab-pve", asking),
  );

it("A stack's outputs are those of its root, whatever else is in it", async () => {
  const provider = { type: "pulumi:providers:a", urn: "a" };
  const root = { type: "pulumi:pulumi:Stack", urn: "stack", outputs: { freeze: null } };
  const thing = { type: "a:b:C", urn: "c", outputs: { freeze: "not this" } };
  expect(await outputsIn({ resources: [provider, root, thing] })).toEqual({ freeze: null });
});

it.each([null, {}, { resources: [] }])("A stack that was never updated has none: %j", async (deployment) => {
  expect(await outputsIn(deployment)).toEqual({});
});

it("Outputs that are not to be found where they should be are unreadable", async () => {
  await expect(outputsIn({ resources: "none" })).rejects.toMatchObject({ reason: "unparsable" });
});
