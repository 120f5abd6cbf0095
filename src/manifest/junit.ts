// A manifest as JUnit XML, which CI systems show as test results: a suite per provider, a case per check and target.
import type { Manifest, ManifestCheck } from "./model.ts";

/** The document. A fail is a failure, a blocked an error: it was not found wrong, it could not be seen. */
export function junitOf({ manifestId, environment, checks }: Manifest): string {
  const suites = Map.groupBy(checks, ({ provider, component }) => provider ?? component);
  const lines = [...suites].flatMap(([name, own]) => [
    `  <testsuite ${attributes({ name, ...countsOf(own) })}>`,
    ...own.map((check) => `    ${caseOf(check, `${environment}.${name}`)}`),
    "  </testsuite>",
  ]);
  const head = attributes({ name: manifestId, ...countsOf(checks) });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${head}>`,
    ...lines,
    "</testsuites>",
    "",
  ].join("\n");
}

function countsOf(checks: readonly ManifestCheck[]) {
  const count = (wanted: ManifestCheck["result"]) => checks.filter(({ result }) => result === wanted).length;
  return {
    tests: checks.length,
    failures: count("fail"),
    errors: count("blocked"),
    skipped: count("skipped"),
  };
}

function caseOf({ name, target, result, summary = "", checkedAt }: ManifestCheck, classname: string): string {
  const own = attributes({
    classname,
    name: target === undefined ? name : `${name}@${target}`,
    timestamp: checkedAt,
  });
  const message = attributes({ message: summary });
  const bodies = {
    pass: "",
    fail: `<failure ${message}/>`,
    blocked: `<error ${message}/>`,
    skipped: `<skipped ${message}/>`,
  };
  const body = bodies[result];
  return body === "" ? `<testcase ${own}/>` : `<testcase ${own}>${body}</testcase>`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}="${escaped(String(value))}"`)
    .join(" ");
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** XML 1.0 has no way to write most control characters. */
function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (found) => entities[found] ?? found).replaceAll(/\p{Cc}/gu, " ");
}
