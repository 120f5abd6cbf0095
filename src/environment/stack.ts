// Stacks by their names: `<environment>-<substrate>`, with config in `stacks/Pulumi.<stack>.yaml`.
import { Problem } from "./problem.ts";

/** What a stack's name says. */
export type StackName = { readonly environment: string; readonly substrate: string };

/** The stack of an environment's substrate. */
export function stackOf({ environment, substrate }: StackName): string {
  return `${environment}-${substrate}`;
}

/** The stack that holds what is known about an environment: it declares no substrate and has a program of its own. */
export function ledgerOf(environment: string): string {
  return stackOf({ environment, substrate: ledger });
}

/** What stands for the substrate in a ledger stack's name. */
export const ledger = "ledger";

/** Splits at the last dash. Throws `Problem` for a name that is no `<environment>-<substrate>`. */
export function parseStack(stack: string): StackName {
  const dash = stack.lastIndexOf("-");
  if (dash > 0 && dash < stack.length - 1)
    return { environment: stack.slice(0, dash), substrate: stack.slice(dash + 1) };
  throw new Problem({
    subject: `stack ${stack}`,
    expected: "<environment>-<substrate>",
    remedy: "select such a stack with `-s`",
  });
}

/** Where a stack's config is kept, relative to the project. */
export function configFile(stack: string): string {
  return `stacks/Pulumi.${stack}.yaml`;
}
