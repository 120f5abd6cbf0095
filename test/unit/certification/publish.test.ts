import { describe, expect, it } from "vitest";
import { publish } from "../../../src/certification/publish.ts";
import { manifest as model } from "../../../src/manifest/model.ts";
import { leastManifest } from "../manifest/documents.ts";

const manifest = model.parse(leastManifest());
const written = { manifest, hostKeys: {}, text: JSON.stringify(manifest) };

/** Means with an engine that is not there. */
function meansWith(signal: AbortSignal) {
  const debugged: string[] = [];
  const means = {
    engine: "/nowhere/pulumi",
    project: process.cwd(),
    signal,
    progress: () => undefined,
    debug: (line: string) => void debugged.push(line),
  };
  return { means, debugged };
}

describe("publishing", () => {
  it("that can not be done is told, and the reason is kept for the debug log", async () => {
    const { means, debugged } = meansWith(AbortSignal.timeout(60_000));
    expect(await publish(written, means)).toBe(false);
    expect(debugged).toHaveLength(1);
  });

  it("is not begun any more after an interrupt", async () => {
    const { means, debugged } = meansWith(AbortSignal.abort(new Error("interrupted")));
    expect(await publish(written, means)).toBe(false);
    expect(debugged).toEqual(["Error: interrupted"]);
  });
});
