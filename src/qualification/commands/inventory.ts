// Our own inventory, which only reads: what carries the substrate's run tag must be exactly what is declared.
import { parseArgs } from "node:util";
import { withEdges } from "../../certification/abroad.ts";
import { inventoryId } from "../../certification/drift.ts";
import { KnownKeys } from "../../certification/hostkeys.ts";
import { look } from "../../certification/look.ts";
import { openSubject } from "../../certification/open.ts";
import { worst } from "../../manifest/status.ts";
import { loadSubstrate } from "../../substrates/index.ts";
import { asking, told } from "./told.ts";

/** For the slowest provider to list what it has, in ms. */
const deadline = 10 * 60_000;

parseArgs({ options: { "run-id": { type: "string" }, "evidence-dir": { type: "string" } } });
const signal = AbortSignal.timeout(deadline);
const debug = (line: string) => void process.stderr.write(`${line}\n`);
const means = { ...asking(signal), debug, progress: () => undefined };
const place = { environment: told("environment"), topology: told("topology"), repair: false };

const results = await Promise.all(
  told("providers")
    .split(",")
    .map(async (provider) => {
      const opened = await openSubject(place, await loadSubstrate(provider), means);
      const [subject] = await withEdges([opened], {}, { ...means, environment: place.environment });
      if (subject === undefined) throw new TypeError("unreachable: one was opened");
      const { answers } = await look(subject, means, new KnownKeys({}, false), inventoryId(provider));
      const answer = answers.find(({ check }) => check.id === inventoryId(provider));
      process.stdout.write(`${provider}: ${answer?.result ?? "blocked"} ${answer?.summary ?? ""}\n`);
      return answer?.result ?? "blocked";
    }),
);
process.exitCode = { pass: 0, fail: 1, blocked: 3 }[worst(results)];
