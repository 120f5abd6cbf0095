// The contract of a substrate: everything that is particular to one provider, behind one small shape.
import type { Output } from "@pulumi/pulumi";
import type { Check } from "../check/check.ts";
import type { CheckId, CheckKey } from "../check/key.ts";
import type { Sentence } from "../check/outcome.ts";
import type { Endpoint } from "../environment/common.ts";
import type { Name } from "../environment/name.ts";
import type { Run } from "../environment/run.ts";
import type { Sections } from "../environment/schema.ts";
import type { RawConfig } from "../environment/section.ts";
import type { Met } from "../probes/guest.ts";
import type { Abroad, Edge, KnownEdge } from "./abroad.ts";
import type { SubstrateDouble } from "./double.ts";
import type { SubstratePolicy } from "./policy.ts";

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
  /** What its checks prove, by group. A closed list: each planned check is in one, and nothing is certified with one empty. */
  readonly groups: Readonly<Record<string, readonly CheckId[]>>;
  /** The models of its stack config, for the published schema. */
  readonly sections: Sections;
  /** What a new environment's stack config begins as: commented YAML, with `replace me` where a person must decide. */
  readonly starter: string;
  /** Secret stack config that is made once for what {@link starter} declares; none where nothing is. */
  readonly newSecrets?: () => Readonly<Record<string, unknown>>;
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
  /** What must work between endpoints inside, for the product's own matrix. */
  readonly flows: readonly Flow[];
  /** Endpoints that other substrates reach over the internet, at addresses that stack config says. */
  readonly edges?: readonly Edge[];
  /** Endpoints of other substrates that its own flows lead to or from. */
  readonly abroad?: readonly Abroad[];
  /** Declares the resources; only inside an engine program. Loads the provider's SDK. */
  readonly declare: (run: Run) => Promise<Declared>;
  /** What policies hold its declaration against. */
  readonly policy: SubstratePolicy;
  /** How it is looked at and mended, anew each time. Loads what that takes, of which a program that declares has no use. */
  readonly inspect: () => Promise<Inspection>;
};

/** How a substrate is looked at and mended. */
export type Inspection = {
  /** The checks to run, gates first. */
  readonly plan: (sight: Sight) => readonly Check[];
  /**
   * Gates, and last the check that fails with what is left of a run. None: nobody can tell.
   * @param patience how long what is still going may take to go, in ms
   */
  readonly remains?: (sight: Sight, patience: number) => readonly Check[];
  /** The checks that verify a repair of a declared resource, by its logical name. */
  readonly verifiers: (resource: string) => readonly CheckKey[];
  /** How failed checks can be mended where the engine sees nothing to change; checks that nothing mends are left out. */
  readonly mends: (failed: readonly CheckKey[]) => readonly Mend[];
  /** What may be made anew where nothing else helps. */
  readonly replaceable: readonly Replaceable[];
  /** Whether something whose creation was cut off is there and ours; none where that can not be told. Throws `Unreadable`. */
  readonly claim: (claim: Claim, signal: AbortSignal) => Promise<Claimed | undefined>;
  /** What was seen of the material while checking (versions, identities), for the `observed` digest. */
  readonly observed: () => unknown;
};

/** One endpoint must reach another at this address; a port for all but icmp. */
export type Flow = {
  readonly from: Name;
  readonly to: Name;
  readonly address: string;
  readonly protocol: "icmp" | "tcp" | "udp";
  readonly port?: number | undefined;
};

/** What declaring gives back to the program. */
export type Declared = {
  /** Invokes a provider function through the explicit provider, in the running engine. */
  readonly invoke: (token: string, args: Readonly<Record<string, unknown>>) => Promise<unknown>;
  /** Where endpoints are reached from outside, by logical name, for those of which only the provider knows. */
  readonly addresses?: Readonly<Record<string, Output<string>>>;
};

/** One repair beside the engine: it sets what is declared, so doing it again does no harm. */
export type Mend = {
  /** The logical name of what is mended. */
  readonly target: Name;
  /** What it is about to do, as the end of `could not …`. */
  readonly intent: Sentence;
  /** The failed checks that call for it, and that must pass afterwards. */
  readonly cures: readonly CheckKey[];
  /** Whether the engine must not repair anything before this is done. */
  readonly first: boolean;
  /** It changes nothing, and always tells a person: it does no harm where nobody could look. */
  readonly tells?: true;
  /**
   * None where there was nothing to do after all.
   * @throws Unreadable where it could not be carried out, ByHand where only a person can
   */
  readonly apply: (signal: AbortSignal) => Promise<Mended | undefined>;
};

/** What only a person can or may put right. */
export class ByHand extends Error {
  /** What to do, with the command: `on node1: …`. For people, not for evidence. */
  readonly advice: string;

  constructor(advice: string) {
    super("a person is needed");
    this.advice = advice;
  }
}

/** What a mend did. */
export type Mended = {
  /** In the past tense, naming properties and no values. */
  readonly action: Sentence;
  /** Endpoints that are another instance now, with a host key that nobody knows yet. */
  readonly renewed: readonly Name[];
};

/** Something that may be made anew, with what can not be without it. */
export type Replaceable = {
  /** Its logical name, as the program has it. */
  readonly target: Name;
  /** Checks that look at itself: one that has failed is reason enough. */
  readonly spoiled: readonly CheckKey[];
  /** Checks that reach it over the network, where something else may stand between. */
  readonly silent: readonly CheckKey[];
  /** Checks of which one must have passed to show that the network leads to where it is. */
  readonly witnesses: readonly CheckKey[];
  /** What else it stands on: where these are planned and are no reason themselves, all must have passed. */
  readonly provided: readonly CheckKey[];
};

/** Something that was being created: its type token and inputs. */
export type Claim = { readonly type: string; readonly inputs: Readonly<Record<string, unknown>> };

/** There, with the provider's id for it and proven ours by name and run; or not there at all. */
export type Claimed = { readonly there: true; readonly id: string } | { readonly there: false };

/** What is known of the endpoints' host keys. */
export type HostKeys = {
  /**
   * The recorded fingerprint, `SHA256:…`; none where one is to be learned.
   * @throws Unreadable where there should be a record and is none
   */
  readonly recorded: (endpoint: Name) => string | undefined;
  /** Notes the fingerprint that an endpoint is known by now, from a source that is not its SSH server. */
  readonly note: (endpoint: Name, fingerprint: string) => void;
  /** Notes who was logged in to, and how: the qualification goes the same way. */
  readonly met: (met: Met) => void;
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
  readonly hostKeys: HostKeys;
  /** An endpoint of another substrate. Throws `Unreadable` where its stack config can not be read, or no host key is recorded. */
  readonly edge: (abroad: Abroad) => KnownEdge;
  /** The provider's id of a declared resource, by its logical name; none where the engine has not made it. */
  readonly idOf: (resource: string) => string | undefined;
  /** Whether what is seen to be wrong is going to be repaired. */
  readonly repair: boolean;
  /** Text for the debug log only; never evidence. */
  readonly debug: (line: string) => void;
  /** Connections to close when the looking is over. */
  readonly closing: AsyncDisposableStack;
};
