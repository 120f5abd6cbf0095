import { describe, expect, it } from "vitest";
import { junitOf } from "../../../src/manifest/junit.ts";
import { markdownOf } from "../../../src/manifest/markdown.ts";
import { manifest as model } from "../../../src/manifest/model.ts";
import { leastManifest } from "./documents.ts";

const checkedAt = "2026-11-22T16:00:00Z";
const check = (name: string, result: string, parts: Readonly<Record<string, string>> = {}) => ({
  ...{ name, component: "pve", provider: "pve", result, checkedAt, ...parts },
});

const manifest = model.parse(
  leastManifest({
    status: "pass",
    expiresAt: "2026-11-23T00:00:00Z",
    checks: [
      check("pve.tls", "pass"),
      check("g.ssh", "fail", { target: "leaf1", summary: 'another <key> & "name" | than declared' }),
      check("g.ssh", "blocked", { target: "leaf2", summary: "could not look" }),
      check("aws.regions", "pass", { component: "cloud", provider: "aws" }),
    ],
  }),
);

describe("a manifest for CI", () => {
  it("is JUnit XML: a suite per provider, a failure for what is wrong, an error for what could not be seen", () => {
    const xml = junitOf(manifest);
    expect(xml).toContain('<testsuite name="pve" tests="3" failures="1" errors="1" skipped="0">');
    expect(xml).toContain('<testsuite name="aws" tests="1" failures="0" errors="0" skipped="0">');
    expect(xml).toMatch(/name="pve\.tls" timestamp="2026-11-22T16:00:00Z"\/>/);
    expect(xml).toContain(
      'name="g.ssh@leaf1" timestamp="2026-11-22T16:00:00Z">' +
        '<failure message="another &lt;key&gt; &amp; &quot;name&quot; | than declared"/></testcase>',
    );
    expect(xml).toContain('<error message="could not look"/>');
  });

  it("is a summary in Markdown: the verdict by now, counts, and everything that is no pass", () => {
    const text = markdownOf(manifest, new Date("2026-11-22T23:59:59Z"));
    expect(text).toMatch(/^## \S+, \S+: pass$/m);
    expect(text).toContain("| pve | 1 | 1 | 1 | 0 |\n| aws | 1 | 0 | 0 | 0 |");
    expect(text).toContain('| `g.ssh@leaf1` | fail | another  key  & "name"   than declared |');
    expect(text).not.toContain("`pve.tls`");
    expect(markdownOf(manifest, new Date("2026-11-23T00:00:00Z"))).toMatch(/^## \S+, \S+: expired$/m);
  });
});
