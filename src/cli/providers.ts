// Which substrates are meant: those that a person names, or all that an environment has stack config for.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Problem } from "../environment/problem.ts";
import { configFile, stackOf } from "../environment/stack.ts";
import { provider } from "../manifest/model.ts";
import { substrateNames } from "../substrates/index.ts";

/** Names separated by commas, each once. */
export const providers = z.string().transform((text, context) => {
  const parsed = z.array(provider).safeParse(text.split(","));
  if (parsed.success && new Set(parsed.data).size === parsed.data.length) return parsed.data;
  context.addIssue({ code: "custom", message: `some of ${provider.options.join(",")}, each once` });
  return z.NEVER;
});

/** Some of an environment's substrates, or all: see {@link meantBy}. */
export const choice = {
  kind: "value",
  shown: "<name,…>",
  parse: providers,
  help: "which of its substrates; all that it has stack config for where absent",
} as const;

/** The substrates that an environment has stack config for. */
export function substratesOf(environment: string, project: string): readonly string[] {
  return substrateNames.filter((substrate) =>
    existsSync(join(project, configFile(stackOf({ environment, substrate })))),
  );
}

/** What is meant. Throws `Problem` where nobody named anything and there is nothing. */
export function meantBy(
  { environment, providers: named }: Meant,
  project: string,
): readonly [string, ...string[]] {
  const [first, ...rest] = named ?? substratesOf(environment, project);
  if (first !== undefined) return [first, ...rest];
  const remedy = "name an environment that has stack config";
  throw new Problem({ subject: `environment ${environment}`, expected: "stack config", remedy });
}

type Meant = { readonly environment: string; readonly providers: readonly string[] | undefined };
