// Loaded before a command (`node --import`): zod as a command that lives for seconds wants it.
import { loadWithout } from "../engine/without.ts";

/** Its messages in fifty languages; a command speaks one. */
const unused = ["../locales/index.js"];

const { z } = await loadWithout(unused, () => import("zod"));
// Compiling what reads an object takes longer than reading the few that a command is given.
z.config({ jitless: true });
