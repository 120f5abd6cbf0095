// Engine events as the engine wrote them: captured in the lab, debug messages and unchanged resources' state left out.
import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../fixtures/events/", import.meta.url);

/** The names of all captured runs. */
export const runs: readonly string[] = readdirSync(folder).map((file) => file.replace(".jsonl", ""));

/** All events of one captured run. */
export function captured(run: string): readonly unknown[] {
  const lines = readFileSync(new URL(`${run}.jsonl`, folder), "utf8")
    .trim()
    .split("\n");
  return lines.map((line): unknown => JSON.parse(line));
}

const urn = "urn:pulumi:lab-pve::substrate::proxmoxve:index/vmLegacy:VmLegacy::leaf1";

/** One step of a resource, as the engine's events hold it. */
export function step(
  kind: "resourcePreEvent" | "resOutputsEvent" | "resOpFailedEvent",
  metadata: Readonly<Record<string, unknown>>,
) {
  return {
    sequence: 1,
    timestamp: 1,
    [kind]: { metadata: { urn, type: typeOf(metadata.urn ?? urn), ...metadata } },
  };
}

/** The last word of a run that ended well. */
export const summary = (resourceChanges: Readonly<Record<string, number>> = { same: 18 }) => ({
  summaryEvent: { resourceChanges, result: "succeeded" },
});

function typeOf(of: unknown): string {
  return String(of).split("::")[2] ?? "";
}
