import { defineConfig } from "vitest/config";

/** Of the tests that drive the engine, those in which somebody is silent for seconds on purpose: they need a core to themselves. */
const waiting = ["disk", "farends", "interrupts", "watchdog"].map((name) => `test/e2e/${name}.test.ts`);

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
          // Not one less than there are cores: they wait as much as they work, and with one they would come last.
          maxWorkers: 2,
          // For a busy machine; nothing waits that long.
          testTimeout: 60_000,
          hookTimeout: 120_000,
          include: [
            "test/*.test.ts",
            "test/unit/**/*.test.ts",
            "test/contracts/**/*.test.ts",
            "test/campaign/**/*.test.ts",
          ],
          exclude: ["test/campaign/**/*.engine.test.ts"],
        },
      },
      {
        test: {
          ...engine,
          name: "engine",
          include: ["test/e2e/**/*.test.ts", "test/campaign/**/*.engine.test.ts"],
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
