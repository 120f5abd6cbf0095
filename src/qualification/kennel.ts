// The watchdog's process: a session of its own, so that neither a terminal's signals nor its parent's end reach it.
import { lastingOf, releaseFreeze, releaseLater, takeFreeze } from "./freeze.ts";
import { type Job, order, type Report } from "./messages.ts";
import { Watchdog } from "./watchdog.ts";

let watchdog: Watchdog | undefined;

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
  process.on(signal, () => watchdog?.abort("terminated"));

function watch(job: Job): Watchdog {
  const now = () => new Date();
  let holds = false;
  const take = async () => {
    holds = true;
    await takeFreeze(job, now());
  };
  const release = async () => {
    await releaseFreeze(job);
    holds = false;
  };
  const started = new Watchdog(job, { pid: process.pid, now, release, take, tell });
  // Whoever started it may have gone; then there is nobody left to tell.
  void started.ended
    .catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exitCode = 1;
    })
    .then(async () => {
      leave();
      if (holds) await releaseLater(release, { lasting: lastingOf(job.ttl), between: 20_000 });
    });
  return started;
}

function tell(report: Report): void {
  if (process.connected) process.send?.(report, () => undefined);
}

function leave(): void {
  if (process.connected) process.disconnect();
}
