// `npm run engine`: gets the engine onto this machine and says where it is.
import { ensureEngine } from "../engine/install.ts";
import { Problem } from "../environment/problem.ts";

const abort = new AbortController();
// Not `once`: execa's own handler ends the process as soon as it finds itself the only one left listening.
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => abort.abort(name));

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  say(`engine: ready: ${await ensureEngine(say, abort.signal)}`);
} catch (error) {
  if (abort.signal.aborted) {
    say("engine: interrupted");
    process.exitCode = 130;
  } else if (error instanceof Problem) {
    say(error.message);
    process.exitCode = 2;
  } else {
    throw error;
  }
}
