// Remembering one thing of a cloud's account, by the engine's type and id, and putting exactly that back.

/** Puts something back as it was. */
export type Restore = () => void;

/** How a thing of each type is remembered, by token. */
export type Ways<A> = Readonly<Record<string, (account: A, id: string) => Restore>>;

/**
 * Remembers a thing, and gives back the way to restore exactly that. What does not exist is remembered as absent.
 * @param thing whose it is, its type and its id
 * @param lower has the world follow the account
 * @throws Error for a type that it does not know
 */
export function captureBy<A>(
  ways: Ways<A>,
  { account, type, id }: { readonly account: A; readonly type: string; readonly id: string },
  lower: (account: A) => void,
): () => Promise<void> {
  const remember = Object.hasOwn(ways, type) ? ways[type] : undefined;
  if (remember === undefined) throw new Error(`unknown resource type ${type}`);
  const restore = remember(account, id);
  return async () => {
    restore();
    lower(account);
  };
}

/**
 * Remembers a thing in a map.
 * @param place what two things can not both be or have: where another has taken it since, nothing is put back
 */
export function entry<V>(map: Map<string, V>, id: string, place: (thing: V) => string | undefined): Restore {
  const before = structuredClone(map.get(id));
  return () => {
    const taken = [...map].some(
      ([key, thing]) => before !== undefined && key !== id && place(thing) === place(before),
    );
    if (before === undefined) map.delete(id);
    else if (!taken) map.set(id, structuredClone(before));
  };
}
