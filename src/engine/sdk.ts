// Loads the engine's SDK without what it needs only to send functions to dynamic providers, of which there are none here.
import { loadWithout } from "./without.ts";

/** A package manager with its manifests, and a compiler: half of all that is loaded. */
const unused = ["@npmcli/arborist", "normalize-package-data", "typescript"];

/** The Automation API. */
export function loadSdk(): Promise<typeof import("@pulumi/pulumi/automation/index.js")> {
  return loadWithout(unused, () => import("@pulumi/pulumi/automation/index.js"));
}
