// The contract of a substrate: everything that is particular to one provider, behind one small shape.
import type { Check } from "../check/check.ts";
import type { CheckKey } from "../check/key.ts";
import type { Endpoint } from "../environment/common.ts";
import type { Run } from "../environment/run.ts";
import type { Sections } from "../environment/schema.ts";
import type { RawConfig } from "../environment/section.ts";
import type { SubstrateDouble } from "./double.ts";

/** A substrate as the registry lists it. */
export type Substrate = {
  /** As in stack names (`<environment>-<name>`) and the manifest's providers. */
  readonly name: string;
  /** The manifest's word for the kind of substrate. */
  readonly component: string;
  /** The npm packages whose versions a certification is bound to. */
  readonly packages: readonly string[];
  /** The contract's command that certifies it. */
  readonly certifier: string;
  /** The models of its stack config, for the published schema. */
  readonly sections: Sections;
  /** What a new environment's stack config begins as: commented YAML, with `replace me` where a person must decide. */
  readonly starter: string;
  /** Parses its stack config. Throws `Problem`. */
  readonly open: (raw: RawConfig, origin: string) => OpenSubstrate;
  /** Its stand-in for the lab; loaded by the lab alone. */
  readonly double: () => Promise<SubstrateDouble>;
};

/** A substrate with its config. */
export type OpenSubstrate = {
  readonly topology: string;
  /** The parsed config as plain data, secrets as placeholders: what the `declared` digest is taken of. */
  readonly declaration: unknown;
  readonly endpoints: readonly Endpoint[];
  /** Declares the resources; only inside an engine program. Loads the provider's SDK. */
  readonly declare: (run: Run) => Promise<Declared>;
  /** The checks to run, gates first. */
  readonly plan: (sight: Sight) => readonly Check[];
  /** The checks that verify a repair of a declared resource, by its logical name. */
  readonly verifiers: (resource: string) => readonly CheckKey[];
  /** What was seen of the material while checking (versions, identities), for the `observed` digest. */
  readonly observed: () => unknown;
};

/** What declaring gives back to the program. */
export type Declared = {
  /** Invokes a provider function through the explicit provider, in the running engine. */
  readonly invoke: (token: string, args: Readonly<Record<string, unknown>>) => Promise<unknown>;
};

/** What checks can see through, beside their own connections. */
export type Sight = {
  /** A provider function, run by the engine with the provider's own credentials. Throws `Unreadable`. */
  readonly invoke: (
    token: string,
    args: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ) => Promise<unknown>;
  /** The release run that the stack says its resources are tagged with; none where it was never brought up or could not be read. */
  readonly run: Run | undefined;
  /** Text for the debug log only; never evidence. */
  readonly debug: (line: string) => void;
  /** Connections to close when the looking is over. */
  readonly closing: AsyncDisposableStack;
};
