import { mkdir, readFile, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { breakAbandoned, isAbandoned, Locked, lockIn, readLock } from "../../../src/engine/lock.ts";
import { backendInFiles } from "../../support/backend.ts";

const timestamp = "2026-11-22T16:00:00Z";
const lock = { pid: process.pid, username: "alice", hostname: hostname(), timestamp };

const backend = backendInFiles();
const { asking } = backend;

async function leave(name: string, content: unknown): Promise<void> {
  const place = join(backend.folder, ".pulumi/locks/organization/substrate/lab-pve");
  await mkdir(place, { recursive: true });
  await writeFile(join(place, name), JSON.stringify(content));
}

describe("the lock of a stack in a backend of files", () => {
  it("is none where nobody ever updated it, or nobody does now", async () => {
    expect(await readLock("lab-pve", asking())).toBeUndefined();
    await leave("x.json.attrs", {});
    expect(await readLock("lab-pve", asking())).toBeUndefined();
  });

  it("is the oldest one", async () => {
    await leave("b.json", { ...lock, timestamp: "2026-11-22T17:00:00Z", username: "bob" });
    await leave("a.json", lock);
    expect(await readLock("lab-pve", asking())).toMatchObject({ username: "alice" });
    expect(await readLock("other-pve", asking())).toBeUndefined();
  });

  it("is not known where a disk that was full left half of one", async () => {
    await leave("a.json", lock);
    await writeFile(join(backend.folder, ".pulumi/locks/organization/substrate/lab-pve/a.json"), '{"pid":');
    await expect(readLock("lab-pve", asking())).rejects.toThrow(
      expect.objectContaining({ name: "Unreadable" }),
    );
  });

  it("can not be told of any other backend", async () => {
    await leave("a.json", lock);
    vi.stubEnv("PULUMI_BACKEND_URL", "s3://bucket");
    expect(await readLock("lab-pve", asking())).toBeUndefined();
  });
});

describe("a lock that nobody can release", () => {
  const dead = { ...lock, pid: 2 ** 22 + 1 };
  const breaking = async () => {
    const engine = join(backend.folder, "pulumi");
    await writeFile(engine, '#!/bin/sh\necho "$@" >> asked\n', { mode: 0o755 });
    const broken = await breakAbandoned("lab-pve", { ...asking(), engine });
    return { broken, asked: await readFile(join(backend.folder, "asked"), "utf8").catch(() => "") };
  };

  it("is thrown away, and said whose it was", async () => {
    await leave("a.json", dead);
    expect(await breaking()).toMatchObject({
      broken: { broken: true, what: expect.stringMatching(/^the lock of alice on .*, which is gone$/) },
      asked: "cancel --yes --stack lab-pve\n",
    });
  });

  it("is also what a disk that was full left of one, which is written beside its place first", async () => {
    const draft = "a.json.18ec6af0d111d35b.tmp";
    await leave(draft, "");
    expect(await breaking()).toEqual({ broken: undefined, asked: "" });
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(
      join(backend.folder, ".pulumi/locks/organization/substrate/lab-pve", draft),
      longAgo,
      longAgo,
    );
    expect(await breaking()).toEqual({
      broken: { broken: true, what: "half a lock" },
      asked: "cancel --yes --stack lab-pve\n",
    });
  });

  it("is not what was left of one beside a lock that somebody holds", async () => {
    const draft = "b.json.18ec6af0d111d35b.tmp";
    await leave(draft, "");
    await leave("a.json", lock);
    await utimes(join(backend.folder, ".pulumi/locks/organization/substrate/lab-pve", draft), 0, 0);
    expect(await breaking()).toEqual({ broken: undefined, asked: "" });
  });

  it("is not somebody else's: that one is left alone", async () => {
    await leave("a.json", lock);
    expect(await breaking()).toEqual({ broken: undefined, asked: "" });
  });
});

describe("a lock", () => {
  it("is abandoned only where its holder was a process of this machine and is no more", () => {
    const held = { ...lock, timestamp: new Date(timestamp) };
    expect(isAbandoned(held)).toBe(false);
    // Linux gives no process a number above 2^22.
    expect(isAbandoned({ ...held, pid: 2 ** 22 + 1 })).toBe(true);
    expect(isAbandoned({ ...held, pid: 2 ** 22 + 1, hostname: "elsewhere" })).toBe(false);
  });

  it("is read from the refusal of an update", () => {
    const refusal =
      "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the " +
      "lock file with `pulumi cancel`.\n  file:///x/y.json: created by alice@builder (pid 123) at 2026-11-22T16:00:00Z";
    expect(lockIn(refusal)).toEqual({
      pid: 123,
      username: "alice",
      hostname: "builder",
      timestamp: new Date(timestamp),
    });
    expect(lockIn("error: something else")).toBeUndefined();
  });

  it("says in whole minutes how long it has been there", () => {
    const taken = new Date(Date.now() - 90_000);
    expect(new Locked({ ...lock, timestamp: taken }).minutes).toBe(1);
  });
});
