import { defineConfig } from "vitest/config";

/** `fast` needs no engine; `engine`, after it, drives the real Pulumi CLI, two files at a time: a run keeps one core busy. */
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
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
