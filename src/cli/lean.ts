// Loaded before a command (`node --import`): zod as a command that lives for seconds wants it.
import { registerHooks } from "node:module";

/** Its messages in fifty languages; a command speaks one. */
const unused = "../locales/index.js";

const hooks = registerHooks({
  resolve: (specifier, context, next) =>
    specifier === unused
      ? { url: "node:util", format: "builtin", shortCircuit: true }
      : next(specifier, context),
});
const { z } = await import("zod");
hooks.deregister();
// Compiling what reads an object takes longer than reading the few that a command is given.
z.config({ jitless: true });
