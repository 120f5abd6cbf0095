// Our own inventory, which only reads: what carries the substrate's run tag must be exactly what is declared.
import { parseArgs } from "node:util";
import { askOne } from "../../certification/beside.ts";
import { inventoryId } from "../../certification/drift.ts";
import { openNamed } from "../../certification/open.ts";
import { asking, concluding, told } from "./told.ts";

/** For the slowest provider to list what it has, in ms. */
const deadline = 10 * 60_000;

parseArgs({ options: { "run-id": { type: "string" }, "evidence-dir": { type: "string" } } });

await concluding(async () => {
  const signal = AbortSignal.timeout(deadline);
  // What is printed is kept as evidence, and a far end's own words are none.
  const means = { ...asking(signal), debug: () => undefined, progress: () => undefined };
  const place = { environment: told("environment"), topology: told("topology"), repair: false };
  const subjects = await openNamed(place, told("providers").split(","), means);
  return Promise.all(
    subjects.map(async (subject) => {
      const { name } = subject.substrate;
      const { result, summary } = await askOne(subject, means, inventoryId(name));
      process.stdout.write(`${name}: ${result} ${summary}\n`);
      return result;
    }),
  );
});
