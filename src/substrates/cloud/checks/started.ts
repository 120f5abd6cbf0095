// What a cloud tells of a machine that it may be just switching on.
import { Patience } from "../../../check/chorus.ts";
import { poll } from "../../../check/poll.ts";

/** Asks again while it is being switched on, for as long as booting may take, in ms; then what it is by then counts. */
export async function onceStarted<Seen>(
  see: () => Promise<Seen>,
  isStarting: (seen: Seen) => boolean,
  { bootDeadline, signal }: { readonly bootDeadline: number; readonly signal: AbortSignal },
): Promise<Seen> {
  const patience = new Patience(bootDeadline);
  const attempt = async () => {
    const seen = await see();
    const waits = isStarting(seen) && patience.mayBeBooting({ running: false, starting: true }, 0);
    return waits ? undefined : { seen };
  };
  return (await poll(attempt, { first: 250, most: 5_000 }, signal)).value.seen;
}
