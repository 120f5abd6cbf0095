// Loads the engine's SDK without what it needs only to send functions to dynamic providers, of which there are none here.
import { registerHooks } from "node:module";

/** A package manager and a compiler: half of all that is loaded. */
const unused = ["@npmcli/arborist", "typescript"];

/** The Automation API. */
export async function loadSdk(): Promise<typeof import("@pulumi/pulumi/automation/index.js")> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      unused.includes(specifier)
        ? { url: "node:util", format: "builtin", shortCircuit: true }
        : next(specifier, context),
  });
  try {
    return await import("@pulumi/pulumi/automation/index.js");
  } finally {
    hooks.deregister();
  }
}
