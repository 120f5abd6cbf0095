import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { held, ledgerWith, noBackend, noStack } from "../../support/engine.ts";
import { enterProgram } from "../../support/program.ts";

// The policy asks once in the life of its process.
beforeEach(() => vi.resetModules());

/** What the policy reports of that many resources of an update or preview of this stack. */
async function reported(kind: "update" | "preview", stack: string, script: string, resources = 1) {
  await enterProgram(kind, stack, script);
  const { freezePolicy } = await import("../../../policy/freeze.ts");
  const lines: string[] = [];
  for (let each = 0; each < resources; each++)
    await freezePolicy.validateResource({}, (line) => void lines.push(line));
  return lines;
}

const frozen = ledgerWith({ freeze: held });

describe("the policy against updates under freeze", () => {
  it("refuses every resource while a release run holds the environment still, and asks once", async () => {
    const folder = await mkdtemp(join(tmpdir(), "calls-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const calls = join(folder, "calls");
    const lines = await reported("update", "lab-pve", `echo "$1" >> ${calls}; ${frozen}`, 3);
    expect(lines).toEqual(
      Array(3).fill(expect.stringContaining("got a freeze by qual-1 for release v1.2.3")),
    );
    expect(await readFile(calls, "utf8")).toBe("whoami\nstack\n");
  });

  it("refuses where nobody can tell", async () => {
    expect(await reported("update", "lab-pve", noBackend)).toEqual([
      expect.stringContaining("expected an answer whether a release run holds lab, got none"),
    ]);
  });

  it("is told apart from other policies by its name, and says what it is for", async () => {
    const { freezePolicy } = await import("../../../policy/freeze.ts");
    expect(freezePolicy.name).toBe("freeze");
    expect(freezePolicy.description).toMatch(/^Nothing changes while /);
  });

  it("lets an update be where there is no freeze", async () => {
    expect(await reported("update", "lab-pve", noStack)).toEqual([]);
  });

  it.each([
    ["a preview, which changes nothing", "preview", "lab-pve"],
    ["the ledger, where freezes are written", "update", "lab-ledger"],
  ] as const)("lets %s be", async (_what, kind, stack) => {
    expect(await reported(kind, stack, frozen)).toEqual([]);
  });
});
