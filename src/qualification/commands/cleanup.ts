// Our own cleanup: what a run keeps for its commands goes. On endpoints nothing is left: every probe there has its own end.
import { rm } from "node:fs/promises";
import { parseArgs } from "node:util";
import { planFile } from "../plan.ts";

const { values } = parseArgs({
  options: { "run-id": { type: "string" }, "evidence-dir": { type: "string" } },
});
const { "run-id": runId, "evidence-dir": evidence } = values;
if (runId === undefined || evidence === undefined)
  throw new TypeError("--run-id and --evidence-dir are needed");
await rm(planFile({ evidence, runId }), { force: true });
