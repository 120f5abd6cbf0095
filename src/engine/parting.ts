// How a forked process takes leave of the one that forked it, so that nothing of what it has said is lost.

/** Says the last thing and hangs up once it is out: whoever hangs up at once takes back what still waits to be written. */
export function sayLast(report: object): void {
  if (process.connected) process.send?.(report, undefined, undefined, () => process.disconnect());
}
