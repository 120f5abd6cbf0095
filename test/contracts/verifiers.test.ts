import { describe, expect, it } from "vitest";
import { loadSubstrates } from "../../src/substrates/index.ts";
import { startAws } from "../support/aws.ts";
import { startAzure } from "../support/azure.ts";
import { startOci } from "../support/oci.ts";

const starts = { aws: startAws, azure: startAzure, oci: startOci };

describe.each(Object.entries(starts))("a repair in %s", (own, start) => {
  it("is verified by the drift and more for everything that is declared, and by nothing for what is not", async () => {
    await using cloud = await start();
    const substrate = (await loadSubstrates()).find(({ name }) => name === own);
    const inspection = await substrate?.open(cloud.raw, "the test").inspect();
    for (const name of cloud.things.keys()) {
      const covering = inspection?.verifiers(name);
      expect(covering, name).toEqual(expect.arrayContaining([`${own}.drift`, `${own}.inventory`]));
    }
    // An advice to a person: were it undone, it would hide what else the inventory finds.
    expect(inspection?.verifiers(`${own}-quotas`)).toEqual([]);
  });
});
