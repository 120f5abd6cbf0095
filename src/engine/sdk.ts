// Loads the engine's SDK without what nobody asks of it here: functions for dynamic providers, and debug messages.
import { createRequire, Module } from "node:module";

/** A package manager with its manifests, and a compiler: half of all that is loaded. */
const unused = ["@npmcli/arborist", "normalize-package-data", "typescript"];

const require = createRequire(import.meta.url);
const main = "@pulumi/pulumi/automation/index.js";

/**
 * The Automation API. Something empty stands in for what is unused while it loads. Required, as an import of CommonJS
 * first reads all of it for the names that it exports.
 */
export function loadSdk(): typeof import("@pulumi/pulumi/automation/index.js") {
  const files = unused.flatMap(fileOf);
  for (const file of files) require.cache[file] = Object.assign(new Module(file), { loaded: true });
  const sdk: typeof import("@pulumi/pulumi/automation/index.js") = require(main);
  for (const file of files) delete require.cache[file];
  silence();
  return sdk;
}

/** None where it is not installed: the SDK does without a compiler. */
function fileOf(name: string): readonly string[] {
  try {
    return [createRequire(require.resolve(main)).resolve(name)];
  } catch {
    return [];
  }
}

/**
 * The SDK tells the engine a debug message at every step of every resource and invoke, one call after the other, and
 * the engine throws each away unless it was started with `--debug`: a fifth of all that a look takes.
 */
function silence(): void {
  const log: object = require("@pulumi/pulumi/log/index.js");
  Object.assign(log, { debug: async () => undefined });
}
