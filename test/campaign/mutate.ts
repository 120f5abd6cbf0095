// `npm run mutate -- <area>`: changes what decides, one place at a time, and lists the changes that no test notices.
import { Stryker } from "@stryker-mutator/core";
import { areas } from "./areas.ts";

const name = process.argv[2] ?? "";
const area = areas[name];
if (area === undefined) {
  process.stderr.write(`npm run mutate -- <area>, one of ${Object.keys(areas).join(", ")}\n`);
  process.exit(2);
}

// The configuration of the tests, in the processes that Stryker starts, reads it there.
process.env.MUTATED_AREA = name;
await new Stryker({
  mutate: [...area.mutated],
  testRunner: "vitest",
  vitest: { configFile: "test/campaign/mutate.config.ts" },
  coverageAnalysis: "perTest",
  concurrency: 1,
  reporters: ["clear-text", "progress-append-only"],
  clearTextReporter: { reportTests: false, allowColor: false },
  thresholds: { high: 95, low: 95, break: 95 },
}).runMutationTest();
