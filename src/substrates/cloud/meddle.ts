// Changes that no declared property says, as requests in a cloud's own words, with the way to take each of them back.
import type { ApiRequest } from "../double.ts";

/** Takes a change back. */
export type Undo = () => void;

/** A request's form: what it is about. */
export type Form = Readonly<Record<string, string>>;

/** What can be asked for, by path. */
export type Actions<A> = Readonly<Record<string, (account: A, form: Form) => Undo>>;

/**
 * Carries requests out, one after the other, and gives back the way to undo them in reverse.
 * @throws Error for an action that is not known here
 */
export function meddleBy<A>(
  actions: Actions<A>,
  { account, requests }: { readonly account: A; readonly requests: readonly ApiRequest[] },
  lower: (account: A) => void,
): () => Promise<void> {
  const undo = requests.map(({ path, form }) => {
    const act = Object.hasOwn(actions, path) ? actions[path] : undefined;
    if (act === undefined) throw new Error(`unknown action ${path}`);
    return act(account, form ?? {});
  });
  lower(account);
  return async () => {
    for (const each of undo.toReversed()) each();
    lower(account);
  };
}
