// `npm run campaign -- <name>`: measures what this tool catches and withstands; every campaign is one lazy line here.
import { Interrupted } from "../../src/cli/interrupt.ts";
import { print } from "../../src/cli/labs.ts";
import { runCommand } from "../../src/cli/run.ts";
import { Problem } from "../../src/environment/problem.ts";
import type { Campaign } from "./contract.ts";

const campaigns: Readonly<Record<string, () => Promise<{ readonly campaign: Campaign }>>> = {
  drift: () => import("./drift.ts"),
  fault: () => import("./fault.ts"),
  hostile: () => import("./hostile.ts"),
  leak: () => import("./leak.ts"),
};

await runCommand(async () => {
  const [name = "", ...argv] = process.argv.slice(2);
  const load = Object.hasOwn(campaigns, name) ? campaigns[name] : undefined;
  if (load !== undefined) return (await load()).campaign(argv).catch(explain);
  print(`npm run campaign -- ${Object.keys(campaigns).join(" | ")} [--help]`);
  return 2;
});

/** A campaign's own defects are for its developers: with all that is known of them. */
function explain(error: unknown): never {
  if (!(error instanceof Problem || error instanceof Interrupted)) console.error(error);
  throw error;
}
