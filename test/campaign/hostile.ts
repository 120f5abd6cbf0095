// The hostile input campaign: tries what outsiders could write, and says how often anything gave way.
import { z } from "zod";
import { campaignOf, exits, print } from "./contract.ts";
import { type Hostility, hostilities, type Trial } from "./hostilities.ts";
import { hostileLooks } from "./looks.ts";

const count = z.coerce.number<string>().int().min(1, "a whole number");

const command = {
  name: "npm run campaign -- hostile",
  summary: "Tries hostile input on everything that reads what comes from outside.",
  exits,
  flags: {
    cases: { kind: "value", shown: "<n>", parse: count, default: "10000", help: "for each reader" },
    looks: { kind: "value", shown: "<n>", parse: count, default: "300", help: "whole looks of each kind" },
    seed: {
      kind: "value",
      shown: "<n>",
      parse: count,
      default: "20261123",
      help: "what random numbers begin with",
    },
  },
} as const;

/** Tries every reader, then whole looks. */
export const campaign = campaignOf(command, async ({ cases, looks: times, seed }) => {
  await using looks = await hostileLooks();
  const gaveWay = [
    ...(await tryAll(await hostilities(), { cases, seed })),
    ...(await tryAll(looks.all, { cases: times, seed })),
  ];
  print(`${gaveWay.length} of them gave way`);
  return gaveWay.length === 0 ? 0 : 1;
});

/** Gives the names of those that did something wrong. */
async function tryAll(all: readonly Hostility[], trial: Trial): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const { name, attempt } of all) {
    const report = await attempt(trial);
    print(`${name.padEnd(56)} ${trial.cases} cases  ${report ?? "held"}`);
    if (report !== undefined) wrong.push(name);
  }
  return wrong;
}
