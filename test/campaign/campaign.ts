// `npm run campaign -- <name>`: measures what this tool catches and withstands; every campaign is one lazy line here.
import { print } from "../../src/cli/labs.ts";
import { runCommand } from "../../src/cli/run.ts";
import type { Campaign } from "./contract.ts";

const campaigns: Readonly<Record<string, () => Promise<{ readonly campaign: Campaign }>>> = {
  fault: () => import("./fault.ts"),
  hostile: () => import("./outsiders.ts"),
};

await runCommand(async () => {
  const [name = "", ...argv] = process.argv.slice(2);
  const load = Object.hasOwn(campaigns, name) ? campaigns[name] : undefined;
  if (load !== undefined) return (await load()).campaign(argv);
  print(`npm run campaign -- ${Object.keys(campaigns).join(" | ")} [--help]`);
  return 2;
});
