// `npm run campaign -- hostile`: tries what outsiders could write, and says how often anything gave way.
import { print } from "../../src/cli/labs.ts";
import { hostileCloudLooks } from "./cloudlooks.ts";
import { campaignOf, counted } from "./contract.ts";
import { floods } from "./floods.ts";
import { type Hostility, hostilities, type Trial } from "./hostilities.ts";
import { hostileLooks } from "./looks.ts";

const command = {
  name: "npm run campaign -- hostile",
  summary: "Tries hostile input on everything that reads what comes from outside.",
  flags: {
    cases: counted("10000", "for each reader"),
    looks: counted("300", "whole looks of each kind"),
    megabytes: counted("1024", "of each flood"),
    seed: counted("20261123", "what random numbers begin with"),
  },
} as const;

export const campaign = campaignOf(command, async (asked) => {
  await using looks = await hostileLooks();
  await using clouds = await hostileCloudLooks();
  const gaveWay = [
    ...(await tryAll(await hostilities(), { cases: asked.cases, seed: asked.seed })),
    ...(await tryAll(floods, { cases: asked.megabytes, seed: asked.seed })),
    ...(await tryAll([...looks.all, ...clouds.all], { cases: asked.looks, seed: asked.seed })),
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
