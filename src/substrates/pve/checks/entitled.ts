// What the API shows to be wrong is believed of a token that may see it all afterwards too: PVE says nothing of what it leaves out.
import type { Check } from "../../../check/check.ts";
import type { Api } from "../api.ts";
import type { PveConfig } from "../config.ts";
import { checkPermissions } from "./permissions.ts";

/** The same checks, which fail only where the token has kept its rights meanwhile; else they say which it lacks. */
export function whileEntitled(config: PveConfig, api: Api, checks: readonly Check[]): readonly Check[] {
  return checks.map((check) => ({
    ...check,
    observe: async (signal) => {
      const outcome = await check.observe(signal);
      if (outcome.result !== "fail") return outcome;
      const rights = await checkPermissions(config, { api, repair: false, signal });
      return rights.result === "pass" ? outcome : rights;
    },
  }));
}
