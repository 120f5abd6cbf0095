import { defineConfig } from "vitest/config";

/** `fast` needs no engine and finishes in seconds; `engine` drives the real Pulumi CLI, one file at a time. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "fast",
          // For a busy machine; nothing waits that long.
          testTimeout: 60_000,
          include: ["test/*.test.ts", "test/unit/**/*.test.ts", "test/contracts/**/*.test.ts"],
        },
      },
      {
        test: {
          name: "engine",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/e2e/setup.ts"],
          testTimeout: 180_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
