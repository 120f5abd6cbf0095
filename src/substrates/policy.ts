// What policies know of a substrate: its provider's words, put into those that the rules are written in.
import type { Secret } from "../environment/secret.ts";

/** A resource as its program declares it. */
export type Declaring = {
  /** Its type token. */
  readonly type: string;
  /** Its logical name. */
  readonly name: string;
  /** Its inputs, secrets in plain text. */
  readonly props: Readonly<Record<string, unknown>>;
  readonly protect: boolean;
};

/** What may come in: from which network, to which ports. */
export type Opening = {
  /** `10.0.0.0/8`, `::/0`; none is anywhere. */
  readonly from: string | undefined;
  /** TCP ports, both included; none is all of them. */
  readonly ports: readonly [first: number, last: number] | undefined;
};

/** What a resource comes to, as far as there are rules about it. */
export type Facts = {
  /** For what takes tags and is not adopted: the run's ID and expiry as they stand on it. */
  readonly tags?: { readonly run: string | undefined; readonly expires: string | undefined };
  readonly openings?: readonly Opening[];
  /** Its size, where the provider sells sizes by name. */
  readonly shape?: string;
  /** What it adds to each total that the ceiling names. */
  readonly costs?: Readonly<Record<string, number>>;
  /** What a machine is told at its first boot, decoded. */
  readonly userData?: string;
  /** Others stand on it: nothing may ever take it away unasked. */
  readonly foundation?: true;
};

/** What may be spent at most. */
export type Ceiling = {
  /** Sizes that may be used, where the provider sells sizes by name. */
  readonly shapes?: readonly string[] | undefined;
  /** Totals over all resources: `{ machines: 4 }`. */
  readonly totals: Readonly<Record<string, number>>;
};

/** A substrate's part of the policies. */
export type SubstratePolicy = {
  /** By type token, how many the config comes to: a closed list. */
  readonly counts: Readonly<Record<string, number>>;
  /** As configured; none where nobody has set one. */
  readonly ceiling: Ceiling | undefined;
  /** Private keys that user data may carry: the host keys that guests are given. */
  readonly hostKeys: readonly Secret[];
  /** What user data must not carry in any form. */
  readonly secrets: readonly Secret[];
  /** Throws where inputs are not of the shape that their type has. */
  readonly factsOf: (resource: Declaring) => Facts;
};
