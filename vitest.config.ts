import { defineConfig } from "vitest/config";

/** Of the tests that drive the engine, those in which somebody is silent for seconds on purpose: they need a core to themselves. */
const waiting = ["disk", "farends", "interrupts", "watchdog"].map((name) => `test/e2e/${name}.test.ts`);

/** Slices of campaigns that drive the engine. */
const slices = "test/campaign/**/*.engine.test.ts";

const engine = {
  globalSetup: ["test/e2e/setup.ts"],
  // For a busy machine too: a repair is up to five runs of the engine.
  testTimeout: 400_000,
  hookTimeout: 900_000,
};

/** `fast` needs no engine; `engine` and `waiting` drive the real Pulumi CLI, which keeps more than one core busy. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "fast",
          // More than there are cores: they wait as much as they work.
          maxWorkers: 4,
          // For a busy machine; nothing waits that long.
          testTimeout: 60_000,
          hookTimeout: 120_000,
          include: [
            "test/*.test.ts",
            "test/unit/**/*.test.ts",
            "test/contracts/**/*.test.ts",
            "test/campaign/**/*.test.ts",
          ],
          exclude: [slices],
        },
      },
      {
        test: {
          ...engine,
          name: "engine",
          include: ["test/e2e/**/*.test.ts", slices],
          exclude: waiting,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: { ...engine, name: "waiting", include: waiting, maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
