// The watchdog's process: a session of its own, so that neither a terminal's signals nor its parent's end reach it.
import { lastingOf, releaseFreeze, releaseLater, takeFreeze } from "./freeze.ts";
import { type Job, order, type Report } from "./messages.ts";
import { Watchdog } from "./watchdog.ts";

/** Between two tries to give a freeze back for which the run's end was no good moment, in ms. */
const between = 20_000;

let watchdog: Watchdog | undefined;
const terminated = new AbortController();

process.on("message", (heard) => {
  const said = order.parse(heard);
  if (said.kind === "job") watchdog ??= watch(said);
  else watchdog?.obey(said);
});
process.on("disconnect", () => {
  if (watchdog === undefined) process.exit(1);
  watchdog.abort("parent-gone");
});
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const)
  process.on(signal, () => {
    watchdog?.abort("terminated");
    terminated.abort();
  });
// On a full disk there is no log to write to.
process.stderr.on("error", () => undefined);

function watch(job: Job): Watchdog {
  const now = () => new Date();
  let holding: AbortSignal | undefined;
  const take = async () => {
    holding = AbortSignal.timeout(lastingOf(job.ttl));
    await takeFreeze(job, now());
  };
  const release = async () => {
    await releaseFreeze(job);
    holding = undefined;
  };
  const started = new Watchdog(job, { pid: process.pid, now, release, take, tell });
  void started.ended
    .then((ended) => ended?.unwritten, String)
    .then(async (trouble) => {
      if (trouble !== undefined) complain(trouble);
      // Whoever started it may have gone; then there is nobody left to tell.
      if (process.connected) process.disconnect();
      if (holding === undefined) return;
      await releaseLater(release, { between, signal: AbortSignal.any([holding, terminated.signal]) });
    });
  return started;
}

function complain(trouble: string): void {
  process.stderr.write(`${trouble}\n`);
  process.exitCode = 1;
}

function tell(report: Report): void {
  if (process.connected) process.send?.(report, () => undefined);
}
