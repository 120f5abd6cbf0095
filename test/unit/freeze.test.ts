import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freezeOf, heldBy, inForce } from "../../src/freeze.ts";

const held = {
  runId: "qual-1",
  release: "v1.2.3",
  since: "2026-11-22T16:00:00Z",
  until: "2999-11-22T18:00:00Z",
};

describe("a freeze", () => {
  it("holds until its end and not at it, whatever the zone it is written in", () => {
    const entry = { ...held, until: "2026-11-22T19:00:00+01:00" };
    expect(inForce(entry, new Date("2026-11-22T17:59:59.999Z"))).toBe(entry);
    expect(inForce(entry, new Date("2026-11-22T18:00:00Z"))).toBeUndefined();
  });

  it("is told by its run and its end", () => {
    expect(heldBy(held, "lab", "update of lab-pve").message).toBe(
      "update of lab-pve: expected no release run in lab, got a freeze by qual-1 for release v1.2.3 " +
        "until 2999-11-22T18:00:00Z — wait for its end; nothing may change until then",
    );
  });

  it("shows no control characters that somebody put into the ledger", () => {
    const { message } = heldBy({ ...held, runId: "a\u001b[31m\nb" }, "lab", "update");
    expect(message).toContain(String.raw`a freeze by "a\u001b[31m\nb" for`);
  });
});

describe("whether a freeze is in force", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "freeze-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** An engine that answers so to everything. */
  async function asked(script: string) {
    const engine = join(folder, "pulumi");
    await writeFile(engine, `#!/bin/sh\n${script}\n`);
    await chmod(engine, 0o755);
    return freezeOf("lab", { engine, project: folder, signal: AbortSignal.timeout(30_000) });
  }

  it("is read from the outputs of the environment's ledger", async () => {
    const outputs = JSON.stringify({ freeze: held, hostKeys: {} });
    const script = `[ "$*" = "stack output --json --stack lab-ledger" ] && echo '${outputs}'`;
    expect(await asked(script)).toEqual(held);
  });

  it.each([
    ["there is no ledger", `echo "error: no stack named 'lab-ledger' found" >&2; exit 255`],
    ["the ledger never had one", "echo '{}'"],
    ["it was released", `echo '{"freeze":null}'`],
    ["it is past its end", `echo '${JSON.stringify({ freeze: { ...held, until: held.since } })}'`],
  ])("is denied where %s", async (_name, script) => {
    expect(await asked(script)).toBeUndefined();
  });

  it.each([
    ["the backend does not answer", "echo refused >&2; exit 255"],
    ["the engine can not be run", "exec /nowhere/at/all"],
    ["the answer is no JSON", "echo '{'"],
    ["the entry is something else", `echo '{"freeze":{"runId":"qual-1"}}'`],
    ["its end is no instant", `echo '${JSON.stringify({ freeze: { ...held, until: "tomorrow" } })}'`],
  ])("is not known where %s", async (_name, script) => {
    await expect(asked(script)).rejects.toThrow(expect.objectContaining({ name: "Unreadable" }));
  });
});
