import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Problem } from "../../../src/environment/problem.ts";
import { writeManifest, writeWhole } from "../../../src/manifest/file.ts";
import { manifest } from "../../../src/manifest/model.ts";
import { readDocument, readManifest, readStream } from "../../../src/manifest/read.ts";
import { leastManifest } from "./documents.ts";

const writer = fileURLToPath(new URL("../../fixtures/programs/write-manifest.ts", import.meta.url));
const valid = manifest.parse(leastManifest());

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "manifest-"));
  path = join(folder, "out.json");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("writing", () => {
  test("gives back on reading what was written, and leaves one file that everybody can read", async () => {
    await writeFile(path, "old", { mode: 0o600 });
    await writeManifest(path, valid);
    expect(await readManifest(path)).toEqual(valid);
    expect(await readdir(folder)).toEqual(["out.json"]);
    expect((await stat(path)).mode & 0o777).toBe(0o644);
  });

  test("is 0644 under any umask", async () => {
    const run = spawnSync("sh", ["-c", 'umask 077; exec "$0" "$@"', process.execPath, writer, path], {
      input: JSON.stringify(valid),
    });
    expect(run.status).toBe(0);
    expect((await stat(path)).mode & 0o777).toBe(0o644);
  });

  test("leaves a file that only its owner can read where it is to be secluded", async () => {
    await writeFile(path, "old", { mode: 0o644 });
    await writeWhole(path, "new", { subject: "the test's", secluded: true });
    expect([await readFile(path, "utf8"), (await stat(path)).mode & 0o777]).toEqual(["new", 0o600]);
  });

  test("removes what somebody who was killed while writing left, and nothing that is still being written or is another's", async () => {
    const [killed, writing, others] = [
      ".out.json.0123456789ab.tmp",
      ".out.json.ba9876543210.tmp",
      ".out.json.tmp",
    ];
    await Promise.all([killed, writing, others].map((name) => writeFile(join(folder, name), "{")));
    const longAgo = new Date(Date.now() - 3_600_000);
    await Promise.all([killed, others].map((name) => utimes(join(folder, name), longAgo, longAgo)));
    await writeManifest(path, valid);
    expect((await readdir(folder)).toSorted()).toEqual([writing, others, "out.json"].toSorted());
  });

  test("writes keys in the schema's order and ends with a line end", async () => {
    await writeManifest(path, manifest.parse(Object.fromEntries(Object.entries(valid).reverse())));
    const text = await readFile(path, "utf8");
    expect(Object.keys(JSON.parse(text))).toEqual(Object.keys(manifest.shape).filter((key) => key in valid));
    expect(text.endsWith("}\n")).toBe(true);
  });

  test("leaves the old bytes and nothing else when the disk takes only half", async () => {
    await writeFile(path, "old");
    const large = { ...valid, notes: "x".repeat(64 * 1024) };
    const run = spawnSync("sh", ["-c", 'ulimit -f 8; exec "$0" "$@"', process.execPath, writer, path], {
      input: JSON.stringify(large),
      encoding: "utf8",
    });
    expect(run).toMatchObject({ status: 1, stderr: expect.stringContaining("EFBIG") });
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["out.json"]);
  });

  test("refuses an invalid manifest before it touches the disk", async () => {
    await writeFile(path, "old");
    await expect(writeManifest(path, { ...valid, environment: "" })).rejects.toThrow(
      /at environment.*report/,
    );
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["out.json"]);
  });

  test("leaves the old bytes when the run is cancelled", async () => {
    await writeFile(path, "old");
    const reason = new Error("cancelled");
    await expect(writeManifest(path, valid, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["out.json"]);
  });

  test("leaves a directory in the file's place as it is", async () => {
    await mkdir(join(path, "kept"), { recursive: true });
    await expect(writeManifest(path, valid)).rejects.toThrow(
      /out\.json: expected a file or nothing, got a directory/,
    );
    expect(await readdir(path)).toEqual(["kept"]);
    expect(await readdir(folder)).toEqual(["out.json"]);
  });

  test("does not put a file in the place of a link, such as /dev/stdout is", async () => {
    await symlink("/dev/null", path);
    await expect(writeManifest(path, valid)).rejects.toThrow(Problem);
    expect((await stat(path)).isCharacterDevice()).toBe(true);
  });

  test("says in one line that the directory is missing", async () => {
    await expect(writeManifest(join(folder, "none", "out.json"), valid)).rejects.toThrow(
      /^manifest .*ENOENT — .*$/,
    );
  });

  test.skipIf(process.getuid?.() === 0)(
    "says that the directory is read-only (root may write anyway)",
    async () => {
      await mkdir(join(folder, "closed"), { mode: 0o500 });
      await expect(writeManifest(join(folder, "closed", "out.json"), valid)).rejects.toThrow(/EACCES/);
    },
  );
});

describe("reading", () => {
  test.each([
    [
      "a key twice",
      JSON.stringify(valid).replace('"status"', '"status":"fail","status"'),
      'the key "status" twice',
    ],
    [
      "a key twice, once in disguise",
      JSON.stringify(valid).replace('"status"', '"st\\u0061tus":"fail","status"'),
      'the key "status" twice',
    ],
    [
      "a key twice within a check",
      JSON.stringify(valid).replace('"name":"pve', '"name":"x","name":"pve'),
      '"name" twice',
    ],
    [
      "a __proto__ key",
      JSON.stringify(valid).replace("{", '{"__proto__":{"status":"pass"},'),
      "the key __proto__",
    ],
    [
      "a constructor key",
      JSON.stringify(valid).replace("{", '{"constructor":{},'),
      'unknown key "constructor"',
    ],
    ["an unknown key with escape codes", JSON.stringify({ ...valid, "\u001b[2J": 1 }), 'key "\\u001b[2J"'],
    ["half a document", JSON.stringify(valid).slice(0, 100), "no JSON"],
    ["escape codes", "\u001b[2J\n", "no JSON"],
    ["comments", `// certified\n${JSON.stringify(valid)}`, "no JSON"],
    ["a byte order mark", `\ufeff${JSON.stringify(valid)}`, "no JSON"],
    ["nothing", "", "no JSON"],
    ["very deep lists", "[".repeat(100_000) + "]".repeat(100_000), "expected object"],
    ["several faults", JSON.stringify({ ...valid, status: "ok", checks: [] }), "at status and 1 more"],
  ])("refuses %s in one line", async (_name, text, says) => {
    await writeFile(path, text);
    const message = await problemOf(path);
    expect(message).toContain(says);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
    expect(message).not.toMatch(/[\u0000-\u001f]/);
  });

  test.each([
    ["nothing", "[]", "Invalid input: expected object, received array"],
    ["a word", { status: 1 }, 'Invalid option: expected one of "pass"|"fail"|"blocked"|"expired" at status'],
    [
      "a commit",
      { routerdCommit: "HEAD" },
      "expected 7 to 40 lower case hexadecimal digits at routerdCommit",
    ],
    ["a name", { manifestId: "a b" }, "expected letters, digits and . _ : - at manifestId"],
    ["a list", { providers: ["pve", "pve"] }, "expected every provider once at providers"],
    ["a time", { issuedAt: "now" }, "expected a date and time such as 2026-06-28T01:00:00Z at issuedAt"],
    [
      "a place within",
      { certifiers: [1] },
      "Invalid input: expected object, received number at certifiers.0",
    ],
    [
      "a key of somebody's own",
      { toolVersions: { "a b": 1 } },
      'Invalid input: expected string, received number at toolVersions."a b"',
    ],
    [
      "three faults",
      { topology: 1, notes: 2, checks: 3 },
      "Invalid input: expected string, received number at topology and 2 more",
    ],
  ])("says of a document with a fault in %s where it is and what to do", async (_what, change, actual) => {
    await writeFile(
      path,
      JSON.stringify(typeof change === "string" ? JSON.parse(change) : { ...valid, ...change }),
    );
    expect(await problemOf(path)).toBe(
      `manifest ${path}: expected a release-environment-certification/v1 document, got ${actual} — certify again; manifests are never edited by hand`,
    );
  });

  test("takes keys that repeat in different places, and strings that look like keys", async () => {
    const notes = '{"status": 1, "status": 2} \\" "status":';
    await writeFile(path, JSON.stringify({ ...valid, notes, toolVersions: { status: '"status":' } }));
    expect(await readManifest(path)).toMatchObject({ notes, toolVersions: { status: '"status":' } });
  });

  test("says of text that is no JSON where, and what to do", async () => {
    await writeFile(path, '{"status": pass}');
    expect(await problemOf(path)).toBe(
      `manifest ${path}: expected a release-environment-certification/v1 document, got no JSON — certify again; manifests are never edited by hand`,
    );
  });

  test("refuses text that is not UTF-8", async () => {
    await writeFile(path, Buffer.from([0x7b, 0xff, 0x7d]));
    expect(await problemOf(path)).toContain("not UTF-8");
  });

  test("refuses more bytes than a manifest can have, without reading on", async () => {
    expect(await problemOf("/dev/zero")).toContain("something else than a file");
    const text = JSON.stringify(valid);
    await writeFile(path, text.padEnd(4 * 1024 * 1024));
    expect(await readManifest(path)).toEqual(valid);
    await writeFile(path, text.padEnd(4 * 1024 * 1024 + 1));
    expect(await problemOf(path)).toContain("more than 4194304 bytes");
  });

  test("does not wait for the writer of a pipe", async () => {
    execFileSync("mkfifo", [path]);
    expect(await problemOf(path)).toContain("something else than a file");
  });

  test("refuses a link, for what it leads to may be another file when somebody else reads it", async () => {
    await writeFile(path, JSON.stringify(valid));
    await symlink(path, join(folder, "link.json"));
    expect(await problemOf(join(folder, "link.json"))).toContain("a symbolic link");
  });

  test("gives the digest of the very bytes", async () => {
    const text = `${JSON.stringify(valid)} \n`;
    await writeFile(path, text);
    const sha256 = createHash("sha256").update(text).digest("hex");
    expect(await readDocument(path)).toEqual({ manifest: valid, sha256 });
  });

  test("refuses a directory and a missing file", async () => {
    expect(await problemOf(folder)).toContain("something else than a file");
    expect(await problemOf(path)).toBe(
      `manifest ${path}: expected a readable file, got ENOENT — name another file or certify again`,
    );
  });
});

describe("reading a stream", () => {
  test("gives the manifest and the digest of the bytes, in whatever pieces they come", async () => {
    const bytes = Buffer.from(JSON.stringify({ ...valid, notes: "ä" }));
    const pieces = Readable.from([...bytes].map((byte) => Buffer.from([byte])));
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    expect(await readStream(pieces, AbortSignal.timeout(60_000))).toMatchObject({
      manifest: { notes: "ä" },
      sha256,
    });
  });

  test("refuses one that never ends as soon as it is too long", async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(1024 * 1024, " ");
      })(),
    );
    await expect(readStream(endless, AbortSignal.timeout(60_000))).rejects.toThrow(
      /^manifest on standard input: .* more than 4194304 bytes/,
    );
  });

  test("says nothing of why a stream broke but that it did, and keeps the reason for the debug log", async () => {
    const cause = new Error("10.0.0.1 hung up");
    const broken = new Readable({ read: () => broken.destroy(cause) });
    await expect(readStream(broken, AbortSignal.timeout(60_000))).rejects.toThrow(
      expect.objectContaining({
        message:
          "manifest on standard input: expected a readable file, got an error — name another file or certify again",
        cause,
      }),
    );
  });

  test("ends with the signal's reason where nothing comes", async () => {
    const reason = new Error("cancelled");
    const silent = new PassThrough();
    const reading = readStream(silent, AbortSignal.abort(reason));
    await expect(reading).rejects.toBe(reason);
    expect(silent.destroyed).toBe(true);
  });
});

async function problemOf(file: string): Promise<string> {
  const thrown = await readManifest(file).catch((error: unknown) => error);
  if (thrown instanceof Problem) return thrown.message;
  throw new Error(`expected a Problem, got ${String(thrown)}`);
}
