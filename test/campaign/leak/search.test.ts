import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { allowanceOf } from "./allowed.ts";
import { missedBy } from "./control.ts";
import { forms, formsOf } from "./forms.ts";
import { type Canary, Searcher } from "./search.ts";

function canary(text: string | Buffer, kind: Canary["kind"] = "secret"): Canary {
  return { kind, label: "it", text: Buffer.from(text) };
}

/** In which forms a text was found in a place. */
function seen(text: string, place: string | Buffer): readonly string[] {
  return new Searcher([canary(text)]).search(Buffer.from(place)).map(({ form }) => form);
}

const token = "55abd925/467f+4e29 b46f";

describe("a search", () => {
  it("finds all canaries in all forms, at every alignment, compressed and not", () => {
    const all = [token, "10.90.1.11", "9101", "BC:24:11:A6:1A:34", 'a "quoted"\nline'].map((one) =>
      canary(one),
    );
    const bytes = canary(Buffer.from("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0", "hex"));
    expect(missedBy(new Searcher([...all, bytes]))).toEqual([]);
  });

  it.each([
    ["plain", `token=${token};`],
    ["URL", encodeURIComponent(token)],
    ["hex", Buffer.from(`x${token}`).toString("hex")],
    ["base64", Buffer.from(`ab${token}cd`).toString("base64")],
  ])("says that it was written as %s", (form, place) => {
    expect(seen(token, place)).toContain(form);
  });

  it("says that it was written as base64url", () => {
    expect(seen("secret>>>???", Buffer.from("a secret>>>??? b").toString("base64url"))).toEqual([
      "base64url",
    ]);
  });

  it("finds what is compressed", () => {
    expect(seen(token, gzipSync(`a ${token} b`))).toContain("plain");
  });

  it("finds nothing where there is nothing", () => {
    expect(seen(token, `${token.slice(0, -1)} ${token.slice(1)}`)).toEqual([]);
    expect(seen(token, "")).toEqual([]);
  });

  it.each([
    ["9101", "vm-9101-disk-0"],
    ["9101", "qemu/9101."],
    ["10.90.1.1", "at 10.90.1.1, port 22"],
    ["10.90.1.1", "by way of 10.90.1.1."],
  ])("finds the short %s in %j", (text, place) => {
    expect(seen(text, place)).toEqual(["plain"]);
  });

  it.each([
    ["9101", "19101"],
    ["9101", "sha256 ab9101ff"],
    ["9101", "0f5e3a1c-9101-4c5e-8a6b-0123456789ab"],
    ["9101", "took 0.9101 s"],
    ["10.90.1.1", "10.90.1.11"],
    ["10.90.1.1", "110.90.1.1"],
  ])("does not take a part of another word for the short %s: %j", (text, place) => {
    expect(seen(text, place)).toEqual([]);
  });
});

describe("the control", () => {
  it("notices a search that is blind", () => {
    const one = new Searcher([canary(token)]);
    const forgetful = { canaries: [canary("another")], search: (place: Buffer) => one.search(place) };
    expect(new Set(missedBy(forgetful))).toEqual(new Set(forms.map((form) => `it: ${form}`)));
  });
});

describe("forms", () => {
  it("leave out what would be found by chance: encoded, a short text says too little", () => {
    expect(formsOf(Buffer.from("9101")).map(({ form }) => form)).toEqual(["plain"]);
    for (const { bytes } of formsOf(Buffer.from("10.0.0.1"))) expect(bytes.length).toBeGreaterThanOrEqual(8);
  });
});

describe("what is allowed", () => {
  it("is never a secret, a private key or user data, but where the engine hands its program its config", () => {
    const kinds = ["secret", "private key", "user data"] as const;
    for (const kind of ["state", "debug log", "plan", "standard output", "manifest", "arguments"] as const)
      for (const secret of kinds)
        expect(allowanceOf({ kind, name: "anything" }, secret), `${secret} in ${kind}`).toBeUndefined();
    const program = { kind: "environment", name: "node /x/@pulumi/pulumi/cmd/run" } as const;
    expect(allowanceOf(program, "secret")).toBeDefined();
    expect(allowanceOf({ ...program, name: "/x/bin/pulumi stack" }, "secret")).toBeUndefined();
  });
});
