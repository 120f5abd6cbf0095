// Loads the engine's SDK without what nobody asks of it here: functions for dynamic providers, and debug messages.
import { loadWithout } from "./without.ts";

/** A package manager with its manifests, and a compiler: half of all that is loaded. */
const unused = ["@npmcli/arborist", "normalize-package-data", "typescript"];

/** The Automation API. */
export async function loadSdk(): Promise<typeof import("@pulumi/pulumi/automation/index.js")> {
  const sdk = await loadWithout(unused, () => import("@pulumi/pulumi/automation/index.js"));
  await silence();
  return sdk;
}

/**
 * The SDK tells the engine a debug message at every step of every resource and invoke, one call after the other, and
 * the engine throws each away unless it was started with `--debug`: a fifth of all that a look takes.
 */
async function silence(): Promise<void> {
  const { default: log } = await import("@pulumi/pulumi/log/index.js");
  Object.assign(log, { debug: async () => undefined });
}
