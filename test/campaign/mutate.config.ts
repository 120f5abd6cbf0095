// The tests of one area, for Stryker: none of them drives the engine.
import { defineConfig } from "vitest/config";
import { areas } from "./areas.ts";

export default defineConfig({
  test: { include: [...(areas[process.env.MUTATED_AREA ?? ""]?.tests ?? [])], testTimeout: 60_000 },
});
