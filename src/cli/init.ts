// `npm run init-environment`: the command line of it.
import { name } from "../environment/name.ts";
import { Problem } from "../environment/problem.ts";
import { beginEnvironment, nextSteps } from "./environment.ts";
import { print, project } from "./labs.ts";
import { runCommand } from "./run.ts";

await runCommand(async () => {
  const [given = "", ...rest] = process.argv.slice(2);
  const parsed = name.safeParse(given);
  if (!parsed.success || rest.length > 0)
    throw new Problem({
      subject: "init-environment",
      expected: "the new environment's name alone: lower case letters, digits and dashes",
      remedy: "write `npm run init-environment -- <name>`",
    });
  print(nextSteps(await beginEnvironment(parsed.data, project)));
  return 0;
});
