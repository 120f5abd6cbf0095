// Sight without a look: provider functions by a preview that begins with the first question and ends with the scope.
import { Unreadable } from "../check/unreadable.ts";
import { type Operation, operate } from "../engine/operation.ts";
import type { Sight } from "../substrates/substrate.ts";
import type { Means, Opened } from "./subject.ts";

/** What checks can see through where nothing is certified: no host keys, and no repair that follows. */
export function sightBeside(
  { stack }: Opened,
  means: Means,
  closing: AsyncDisposableStack,
): Omit<Sight, "run" | "idOf"> {
  let preview: Operation | undefined;
  closing.defer(async () => {
    preview?.release();
    await preview?.ended.catch((error: unknown) => means.debug(String(error)));
  });
  return {
    invoke: (token, args, signal) => {
      preview ??= operate({ operation: "preview", stack, ...means });
      return preview.invoke(token, args, signal);
    },
    hostKeys: { recorded: unknown, note: () => undefined, met: () => undefined },
    edge: ({ endpoint }) => unknown(endpoint),
    repair: false,
    debug: means.debug,
    closing,
  };
}

const unknown = (endpoint: string): never => {
  throw new Unreadable("no-record", endpoint);
};
