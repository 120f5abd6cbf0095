// Our own inventory, which only reads: what carries the substrate's run tag must be exactly what is declared.
import { parseArgs } from "node:util";
import { askOne } from "../../certification/beside.ts";
import { inventoryId } from "../../certification/drift.ts";
import { openNamed } from "../../certification/open.ts";
import { worst } from "../../manifest/status.ts";
import { asking, told } from "./told.ts";

/** For the slowest provider to list what it has, in ms. */
const deadline = 10 * 60_000;

parseArgs({ options: { "run-id": { type: "string" }, "evidence-dir": { type: "string" } } });
const signal = AbortSignal.timeout(deadline);
// What is printed is kept as evidence, and a far end's own words are none.
const means = { ...asking(signal), debug: () => undefined, progress: () => undefined };
const place = { environment: told("environment"), topology: told("topology"), repair: false };

const subjects = await openNamed(place, told("providers").split(","), means);
const results = await Promise.all(
  subjects.map(async (subject) => {
    const { name } = subject.substrate;
    const { result, summary } = await askOne(subject, means, inventoryId(name));
    process.stdout.write(`${name}: ${result} ${summary}\n`);
    return result;
  }),
);
process.exitCode = { pass: 0, fail: 1, blocked: 3 }[worst(results)];
