// What the checks of every cloud share: its config, the functions of its provider, and the ids of the stack's things.
import { Unreadable } from "../../check/unreadable.ts";
import type { Seen } from "../seen.ts";
import type { Sight } from "../substrate.ts";
import { CloudFunctions } from "./functions.ts";

/** One look at one cloud; a cloud's own scene adds how its things are found. */
export class CloudScene<C> {
  readonly config: C;
  readonly seen: Seen;
  readonly run: Sight["run"];
  readonly functions: CloudFunctions;
  readonly #idOf: Sight["idOf"];

  /** @param diagnose what the provider's error texts tell */
  constructor(
    config: C,
    { sight, seen }: { readonly sight: Sight; readonly seen: Seen },
    diagnose: ConstructorParameters<typeof CloudFunctions>[1],
  ) {
    this.config = config;
    this.seen = seen;
    this.run = sight.run;
    this.functions = new CloudFunctions(sight.invoke, diagnose);
    this.#idOf = sight.idOf;
  }

  /** The id of a declared thing. Throws `Unreadable` where the engine has never made it. */
  idOf(resource: string): string {
    const id = this.knownId(resource);
    if (id === undefined) throw new Unreadable("no-expectation", `the stack has no ${resource}`);
    return id;
  }

  /** The same; none where the engine has never made it. */
  knownId(resource: string): string | undefined {
    return this.#idOf(resource) || undefined;
  }
}
