// `npm run campaign -- <name>`: what the tool catches and withstands, in figures.
import { runCommand } from "../../src/cli/run.ts";
import { type Campaign, print } from "./contract.ts";

const campaigns: Readonly<Record<string, () => Promise<{ readonly campaign: Campaign }>>> = {
  hostile: () => import("./hostile.ts"),
  drift: () => import("./drift.ts"),
};

await runCommand(async () => {
  const [name = "", ...argv] = process.argv.slice(2);
  const load = Object.hasOwn(campaigns, name) ? campaigns[name] : undefined;
  if (load !== undefined) return (await load()).campaign(argv);
  print(
    `Usage: npm run campaign -- <${Object.keys(campaigns).join("|")}> [flags]; --help after a name says which`,
  );
  return name === "--help" ? 0 : 2;
});
