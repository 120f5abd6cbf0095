// `npm run engine`: gets the engine onto this machine and says where it is.
import { ensureEngine } from "../engine/install.ts";
import { interruptible } from "./interrupt.ts";
import { complain, runCommand } from "./run.ts";

/** The build takes minutes on a slow machine. */
const deadline = 60 * 60_000;

await runCommand(async () => {
  using interrupt = interruptible({ deadline, cost: "the engine is not there yet", tell: complain });
  complain(`engine: ready: ${await ensureEngine(complain, interrupt.signal)}`);
  return 0;
});
