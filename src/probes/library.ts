// The SSH library, loaded by the first who needs it: most commands that know of SSH never speak it.
import { createRequire } from "node:module";
import type ssh2 from "ssh2";

const require = createRequire(import.meta.url);

/** The library; synchronous, since keys are parsed where nothing can wait. */
export function library(): typeof ssh2 {
  return require("ssh2");
}
