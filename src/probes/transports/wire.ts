// A byte stream to a far end, as SSH runs over it: a TCP connection or a channel through a jump host.
import type { Duplex } from "node:stream";

/** An open stream and the way to end it; a channel's own `destroy` would wait for the far end's consent. */
export type Wire = {
  readonly stream: Duplex;
  /** Whether neither side has ended it. */
  readonly isOpen: () => boolean;
  /** Ends it at once; resolves when nothing of ours is left. May be called twice. */
  readonly hangUp: () => Promise<void>;
};
