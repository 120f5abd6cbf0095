import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, it, onTestFinished } from "vitest";
import { Unreadable } from "../../../src/check/unreadable.ts";
import { lineOf } from "../../../src/environment/problem.ts";
import { judgeLedger, judgeStates, type State } from "../../../src/gate/backend.ts";
import { readSources } from "../../../src/gate/sources.ts";
import { standingOf } from "../../../src/gate/standing.ts";
import type { Certification, Certifications } from "../../../src/ledger/ledger.ts";
import { type Manifest, manifest as model } from "../../../src/manifest/model.ts";
import { certifiedBy } from "../../support/gate.ts";
import { leastManifest } from "../manifest/documents.ts";

const silent = new Unreadable("engine", "no answer");

function manifestOf(parts: Readonly<Record<string, unknown>> = {}): Manifest {
  return model.parse(leastManifest({ toolVersions: { "state/pve": "abc" }, ...parts }));
}

function entryOf(manifest: Manifest): Certification {
  const text = JSON.stringify(manifest);
  const { manifestId, expiresAt, providers } = manifest;
  const sha256 = createHash("sha256").update(text).digest("hex");
  return { manifestId, status: "pass", expiresAt, sha256, providers, manifest: text };
}

describe("a stack", () => {
  function judge(state: State | Unreadable) {
    return judgeStates(certifiedBy(manifestOf()), "lab", { states: new Map([["pve", state]]) });
  }

  it("that is as it was certified is not refused", () => {
    expect(judge("abc")).toEqual([]);
  });

  it("that is not there and was never recorded proves nothing", () => {
    const nothing = certifiedBy(manifestOf({ toolVersions: undefined }));
    const refusals = judgeStates(nothing, "lab", { states: new Map([["pve", undefined]]) });
    expect(refusals.map((one) => `${one.code}: ${lineOf(one)}`)).toEqual([
      "state: state of lab-pve: expected what m.json was issued for, got no such stack — certify again",
    ]);
  });

  it("of a provider that nobody asked about is not judged here", () => {
    expect(judgeStates(certifiedBy(manifestOf()), "lab", { states: new Map() })).toEqual([]);
  });

  it.each<[string, State | Unreadable, string, boolean]>([
    ["was changed since", "abd", "got another: it was changed since — certify again", false],
    ["is not there", undefined, "got no such stack — certify again", false],
    ["can not be read", silent, "expected an answer of the backend, got none — ", true],
  ])("that %s is", (_name, state, says, unseen) => {
    const [refusal, ...more] = judge(state);
    expect(more).toEqual([]);
    expect(refusal?.code).toBe("state");
    expect(refusal === undefined ? "" : lineOf(refusal)).toMatch(/^state of lab-pve: expected /);
    expect(refusal === undefined ? "" : lineOf(refusal)).toContain(says);
    expect(refusal?.unseen === true).toBe(unseen);
  });
});

describe("the ledger", () => {
  const own = manifestOf();
  const newer = manifestOf({ manifestId: "envcert-2" });

  function judge(certifications: Certifications | Unreadable) {
    const ledger =
      certifications instanceof Unreadable ? certifications : { hostKeys: {}, certifications, freeze: null };
    return judgeLedger([certifiedBy(own)], "lab", { ledger }).map(lineOf);
  }

  it("without an entry has no objection, nor with the very manifest, nor with another provider's", () => {
    expect(judge({})).toEqual([]);
    expect(judge({ pve: entryOf(own) })).toEqual([]);
    expect(judge({ aws: entryOf(newer) })).toEqual([]);
  });

  it("that holds another certification refuses this one, and names that", () => {
    expect(judge({ pve: entryOf(newer) })).toEqual([
      "the ledger's certification of pve: expected the very bytes of m.json, got envcert-2 — use `--certification ledger`, or certify with --publish",
    ]);
  });

  it("that holds other bytes under the same name says so", () => {
    expect(judge({ pve: { ...entryOf(own), sha256: "0" } })).toEqual([
      expect.stringContaining("got other bytes under the same manifestId"),
    ]);
  });

  it("is what refuses, and where it can not be read nobody has seen anything wrong", () => {
    const [other] = judgeLedger([certifiedBy(own)], "lab", {
      ledger: { hostKeys: {}, certifications: { pve: entryOf(newer) }, freeze: null },
    });
    expect([other?.code, other?.unseen]).toEqual(["ledger", undefined]);
    const [unread] = judgeLedger([certifiedBy(own)], "lab", { ledger: silent });
    expect([unread?.code, unread?.unseen]).toEqual(["ledger", true]);
  });

  it("that can not be read is refused, with the way out of what is the matter", () => {
    const refusal = "the ledger: expected an answer of the backend, got none";
    expect(judge(silent)).toEqual([
      `${refusal} — see what \`pulumi whoami -v\` says and log in, or ask with --offline`,
    ]);
    expect(judge(new Unreadable("checkpoint", "half of it"))).toEqual([
      `${refusal} — the checkpoint of lab-ledger is damaged; TROUBLESHOOTING.md says how to put it back, or ask with --offline`,
    ]);
  });
});

describe("certifications from the ledger", () => {
  const both = entryOf(manifestOf({ providers: ["pve", "aws"] }));

  async function read(certifications: Certifications, ...providers: string[]) {
    const ledger = { hostKeys: {}, certifications, freeze: null };
    const origins = { input: Readable.from([]), ledger, signal: AbortSignal.timeout(60_000) };
    const { certified, refusals } = await readSources({ certifications: ["ledger"], providers }, origins);
    const lines = refusals.map((one) => `${one.code}: ${lineOf(one)}`);
    return { read: certified.map(({ source, sha256 }) => [source, sha256]), lines };
  }

  it("are read once, however many providers one is about", async () => {
    expect(await read({ pve: both, aws: both }, "pve", "aws")).toEqual({
      read: [["the ledger's envcert-1", both.sha256]],
      lines: [],
    });
  });

  it("are refused where there is none of a provider", async () => {
    const { read: found, lines } = await read({ pve: both }, "pve", "oci");
    expect(found).toHaveLength(1);
    expect(lines).toEqual([
      "ledger: the ledger's certification of oci: expected one, got none — certify with --publish, or name a manifest",
    ]);
  });

  it("are refused where their bytes are not those of their digest", async () => {
    const { read: found, lines } = await read({ pve: { ...both, manifest: `${both.manifest} ` } }, "pve");
    expect(found).toEqual([]);
    expect(lines).toEqual([
      "manifest: the ledger's envcert-1: expected the bytes of its digest, got others — certify again with --publish",
    ]);
  });
});

describe("certifications from files and standard input", () => {
  const manifest = manifestOf();
  const text = JSON.stringify(manifest);
  const { sha256 } = certifiedBy(manifest);

  async function read(certifications: readonly string[], input = "", signal = AbortSignal.timeout(60_000)) {
    const origins = { input: Readable.from([input]), ledger: undefined, signal };
    const { certified, refusals } = await readSources({ certifications, providers: ["pve"] }, origins);
    const codes = refusals.map(({ code }) => code);
    return { read: certified.map((one) => [one.source, one.sha256]), codes, lines: refusals.map(lineOf) };
  }

  it("are read side by side, and each that can not be read is one refusal", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sources-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, "m.json");
    await writeFile(file, text);
    const found = await read(["-", file, join(folder, "none.json")], text);
    expect(found.read).toEqual([
      ["standard input", sha256],
      [file, sha256],
    ]);
    expect(found.codes).toEqual(["manifest"]);
    expect(found.lines).toEqual([
      expect.stringMatching(/^manifest .*\/none.json: expected a readable file, /),
    ]);
  });

  it("are waited for no more in a run that was cancelled", async () => {
    await expect(read(["-"], text, AbortSignal.abort())).rejects.toThrow(
      expect.objectContaining({ name: "AbortError" }),
    );
  });

  it.each([undefined, silent])(
    "are not of a ledger that nobody could read, which is refused elsewhere",
    async (ledger) => {
      const origins = { input: Readable.from([]), ledger, signal: AbortSignal.timeout(60_000) };
      const asked = { certifications: ["ledger"], providers: ["pve"] };
      expect(await readSources(asked, origins)).toEqual({ certified: [], refusals: [] });
    },
  );
});

describe("how an environment stands", () => {
  it("shows an expired pass as expired, and a substrate without an entry as not certified", () => {
    const entry = entryOf(manifestOf());
    const standing = standingOf(["pve", "aws"], { pve: entry, oci: entry }, new Date(entry.expiresAt));
    const { manifestId, expiresAt, providers } = entry;
    const certification = { manifestId, status: "expired", expiresAt, providers };
    expect(standing).toEqual([
      { substrate: "aws" },
      { substrate: "oci", certification },
      { substrate: "pve", certification },
    ]);
  });
});
