import { defineConfig } from "vitest/config";

/**
 * `fast` needs no engine; `engine` drives the real Pulumi CLI, one file at a time: a certification keeps more than one core
 * busy, and what waits a second for an answer must not wait for a core.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "fast",
          // For a busy machine; nothing waits that long.
          testTimeout: 60_000,
          hookTimeout: 120_000,
          include: ["test/*.test.ts", "test/unit/**/*.test.ts", "test/contracts/**/*.test.ts"],
        },
      },
      {
        test: {
          name: "engine",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/e2e/setup.ts"],
          // For a busy machine too: a repair is up to five runs of the engine.
          testTimeout: 400_000,
          hookTimeout: 900_000,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
