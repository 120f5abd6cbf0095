// `npm run campaign -- <name>`: which campaigns there are. Each is a module whose `run` reads its own flags and gives the exit code.

import { runCommand } from "../../src/cli/run.ts";
import { Problem } from "../../src/environment/problem.ts";

const campaigns: Readonly<Record<string, () => Promise<Campaign>>> = {
  hostile: () => import("./outsiders.ts"),
  leak: () => import("./leak.ts"),
};

type Campaign = { readonly run: (argv: readonly string[]) => Promise<number> };

await runCommand(async () => {
  const [name = "", ...rest] = process.argv.slice(2);
  const load = Object.hasOwn(campaigns, name) ? campaigns[name] : undefined;
  if (load !== undefined) return await (await load()).run(rest);
  throw new Problem({
    subject: `campaign ${JSON.stringify(name)}`,
    expected: `one of ${Object.keys(campaigns).join(", ")}`,
    remedy: "write `npm run campaign -- <name>`; --help behind it explains its flags",
  });
});
