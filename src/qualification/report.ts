// What a qualification command says beside its exit code: its checks, and a class that takes the blame from the product.
import { readFile } from "node:fs/promises";
import { type Classification, type ResultCheck, reported } from "./result.ts";

/** What it says itself. */
export type Report = {
  readonly checks: readonly ResultCheck[];
  readonly classification?: Classification | undefined;
};

/** Nothing where it has written nothing. What can not be read is blocked: nobody knows what it would have said. */
export async function readReport(file: string, now: Date): Promise<Report> {
  try {
    return reported.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { checks: [] };
    const summary = "what the qualification command has written can not be read";
    const about = { name: "qualification.report", result: "blocked" as const, checkedAt: now.toISOString() };
    return { classification: "infra_failure", checks: [{ ...about, summary }] };
  }
}
