// Loads a package without parts of it that are never used here.
import { registerHooks } from "node:module";

/** Whatever `load` imports, without the modules of these specifiers: something empty enough stands in for each. */
export async function loadWithout<T>(unused: readonly string[], load: () => Promise<T>): Promise<T> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      unused.includes(specifier)
        ? { url: "node:util", format: "builtin", shortCircuit: true }
        : next(specifier, context),
  });
  try {
    return await load();
  } finally {
    hooks.deregister();
  }
}
