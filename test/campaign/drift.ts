// The drift campaign: whatever anybody changes must be seen, named, and put right again, and nothing else blamed.
import { writeFile } from "node:fs/promises";
import { z } from "zod";
import { interruptible } from "../../src/cli/interrupt.ts";
import { print } from "../../src/cli/labs.ts";
import { complain } from "../../src/cli/run.ts";
import { substrateNames } from "../../src/substrates/index.ts";
import { campaignOf, count, counted } from "./contract.ts";
import { driftCampaign } from "./drift/campaign.ts";
import { tableOf } from "./drift/table.ts";

const many = z.coerce.number<string>().int().min(0, "a whole number");
const names = z
  .string()
  .transform((text) => text.split(","))
  .pipe(z.array(z.enum(substrateNames)));

const command = {
  name: "npm run campaign -- drift",
  summary: "Changes every property of every declared thing, and has each change found and repaired.",
  flags: {
    substrate: value("<name,…>", names, substrateNames.join(","), "whose drifts"),
    sample: { kind: "value", shown: "<n>", parse: count, help: "so many of each substrate instead of all" },
    only: {
      kind: "value",
      shown: "<text>",
      parse: z.string().min(1),
      help: "drifts with this in their name",
    },
    seed: counted("20261128", "what random numbers begin with"),
    worlds: counted("3", "labs side by side"),
    most: counted("24", "drifts in one batch"),
    together: counted("4", "drifts of one thing in one batch"),
    clean: value("<n>", many, "50", "certifications of what has not drifted"),
    json: { kind: "boolean", help: "figures and findings as JSON on standard output" },
    findings: value("<file>", z.string().min(1), "drift.findings.json", "where every finding is written"),
  },
} as const;

function value<P extends z.ZodType<unknown, string>, H extends string>(
  shown: string,
  parse: P,
  text: string,
  help: H,
) {
  return { kind: "value", shown, parse, default: text, help } as const;
}

/** Has every drift found and repaired. */
export const campaign = campaignOf(command, async (asked) => {
  using interrupt = interruptible({
    deadline: 6 * 3_600_000,
    cost: "labs may go on running; `lab down` ends each, in the folders bench-… of the temporary folder",
    tell: complain,
  });
  const began = Date.now();
  const result = await driftCampaign(asked, { signal: interrupt.signal, tell: complain });
  await writeFile(asked.findings, `${JSON.stringify(result.findings, undefined, 2)}\n`);
  print(asked.json ? JSON.stringify(result, undefined, 2) : tableOf(result, (Date.now() - began) / 60_000));
  return result.findings.length === 0 ? 0 : 1;
});
