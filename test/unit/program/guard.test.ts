import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { hindrance, refuseUnderFreeze, warnUnderFreeze } from "../../../src/program/guard.ts";
import { held, ledgerWith, noBackend, noStack } from "../../support/engine.ts";
import { enterProgram } from "../../support/program.ts";

const frozen = ledgerWith({ freeze: held });
const byFreeze =
  /^update of lab-pve: expected no release run in lab, got a freeze by qual-1 for release v1\.2\.3 /;
const unknown =
  /^update of lab-pve: expected an answer whether a release run holds lab, got none — see what `pulumi whoami -v` says and log in$/;

function listen() {
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  onTestFinished(() => warn.mockRestore());
  return warn;
}

describe("an update", () => {
  it.each([
    ["there is no ledger", noStack],
    ["no release run holds the environment still", ledgerWith({ freeze: null })],
  ])("may begin where %s", async (_name, script) => {
    await enterProgram("update", "lab-pve", script);
    await refuseUnderFreeze("lab");
    expect(await hindrance("lab")).toBeUndefined();
  });

  it.each([
    ["a release run holds the environment still", frozen, byFreeze],
    ["nobody can tell", noBackend, unknown],
  ])("is refused where %s", async (_name, script, says) => {
    await enterProgram("update", "lab-pve", script);
    await expect(refuseUnderFreeze("lab")).rejects.toThrow(says);
    expect((await hindrance("lab"))?.message).toMatch(says);
  });

  it("is not said to be held up where the asking itself is defective", async () => {
    await enterProgram("update", "lab-pve", noStack);
    const timeout = vi.spyOn(AbortSignal, "timeout").mockImplementation(() => {
      throw new TypeError("defect");
    });
    onTestFinished(() => timeout.mockRestore());
    await expect(refuseUnderFreeze("lab")).rejects.toThrow(new TypeError("defect"));
  });

  it("is not warned: it is refused", async () => {
    const warn = listen();
    await enterProgram("update", "lab-pve", frozen);
    await warnUnderFreeze("lab");
    expect(warn).not.toHaveBeenCalled();
  });
});

describe("a preview", () => {
  it("is not refused, but says that an update would be, and why", async () => {
    const warn = listen();
    await enterProgram("preview", "lab-pve", frozen);
    await refuseUnderFreeze("lab");
    await warnUnderFreeze("lab");
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/^an update would be refused: update of lab-pve: .* a freeze by qual-1 /)],
    ]);
  });

  it("says nothing where nothing is in the way", async () => {
    const warn = listen();
    await enterProgram("preview", "lab-pve", noStack);
    await warnUnderFreeze("lab");
    expect(warn).not.toHaveBeenCalled();
  });
});
