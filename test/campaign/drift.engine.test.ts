// A short slice of `npm run campaign -- drift`: always the same few drifts, in one batch of one substrate.
import { expect, it } from "vitest";
import { driftCampaign } from "./drift/campaign.ts";

const asked = {
  ...{ substrate: ["pve"], sample: 4, only: "-rules.rules[0].", seed: 20_261_128 },
  ...{ worlds: 1, most: 5, together: 1, clean: 1 },
};

it("has drifts of several things found, named and put right by one repair, and blames nothing else", async () => {
  const { substrates, clean, findings } = await driftCampaign(asked, {
    signal: AbortSignal.timeout(380_000),
    tell: () => undefined,
  });
  expect(findings).toEqual([]);
  expect(clean).toEqual({ runs: 1, alarms: 0 });
  expect(substrates.pve).toMatchObject({ injected: 4, detected: 4, repaired: 4, blamed: 0, refused: 0 });
});
