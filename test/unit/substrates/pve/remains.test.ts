import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newRun } from "../../../../src/environment/run.ts";
import { openApi } from "../../../../src/substrates/pve/api.ts";
import { remainsCheck } from "../../../../src/substrates/pve/checks/remains.ts";
import { runPlan } from "../../../support/checks.ts";
import { type Provisioned, startProvisioned } from "./provisioned.ts";

let pve: Provisioned;
beforeAll(async () => {
  pve = await startProvisioned();
});
afterAll(() => pve[Symbol.asyncDispose]());

/** What is left of a run, as if no gate stood before. */
async function remains(id?: string) {
  await using api = openApi(pve.config);
  const run = id === undefined ? undefined : newRun(new Date(), id);
  const check = { ...remainsCheck(pve.config, api, { run, patience: 0 }), after: [] };
  return (await runPlan([check])).outcomes.at(-1);
}

describe("what is left of a run in PVE", () => {
  it("is its VMs, its image and its bridges before it is destroyed; what was adopted is not ours", async () => {
    expect(await remains("run-test")).toBe(
      "fail: 6 VMs carry the run's tag; the image's file; bridge fabric-a",
    );
  });

  it("is not the VMs of another run, which may have taken the same numbers", async () => {
    expect(await remains("run-other")).toBe("fail: the image's file; bridge fabric-a");
  });

  it("is not known without a run, and not known while a node or a datastore is away", async () => {
    expect(await remains()).toMatch(/^blocked: /);
    for (const fault of ["pve/pve2/offline", "pve/local-lvm/inactive"]) {
      // Where a VM is gone, its volumes must be looked for.
      await pve.drift("vm-deleted");
      expect(await remains("run-other"), fault).toMatch(/^fail: /);
      pve.world.breakDown(fault);
      expect(await remains("run-other"), fault).toMatch(/^blocked: /);
      await pve.heal();
    }
  });
});
