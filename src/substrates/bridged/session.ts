// A configured bridged plugin: types and functions by their tokens, and nothing that is not among them.
import type { ProviderSession, ResourceDouble } from "../double.ts";
import type { Answer } from "./functions.ts";

/** What a plugin knows, by token. */
type Known<A> = {
  readonly types: Readonly<Record<string, (api: A) => ResourceDouble>>;
  readonly functions: Readonly<Record<string, Answer<A>>>;
};

/** A session over an API, whose every call goes through the API's own reading. */
export function bridgedSession<
  A extends { readonly read: (operation: string, signal: AbortSignal) => Promise<void> },
>(plugin: string, api: A, { types, functions }: Known<A>): ProviderSession {
  return {
    resource(type) {
      const make = Object.hasOwn(types, type) ? types[type] : undefined;
      if (make === undefined) throw new Error(`${plugin}: unknown resource type ${type}`);
      return make(api);
    },
    async invoke(token, args, signal) {
      const known = Object.hasOwn(functions, token) ? functions[token] : undefined;
      if (known === undefined) throw new Error(`${plugin}: unknown function ${token}`);
      await api.read(known.operation, signal);
      try {
        return known.answer(api, args);
      } catch (cause) {
        const text = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`invocation of ${token} returned an error: ${text}`, { cause });
      }
    },
  };
}
