// The contract of a substrate's double in the lab: an engine provider and servers, both computing from the world.
import type { Answer } from "../probes/double.ts";
import type { Meddling } from "../world/meddle.ts";
import type { World } from "../world/world.ts";

/** A Pulumi property map: JSON, with secrets and outputs already unwrapped, and {@link unknown} where a preview does not know yet. */
export type Properties = Readonly<Record<string, unknown>>;

/** Stands for a value that a preview does not know yet; the engine's own sentinel (pulumi, sdk/go/common/resource/plugin/rpc.go). */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** What a resource is after a provider call. */
export type ResourceState = { readonly id: string; readonly outputs: Properties };

/** How one changed property is told to the engine; paths like `networkDevices[0].vlanId`. */
export type PropertyChange = {
  readonly path: string;
  readonly kind: "add" | "update" | "delete" | "add-replace" | "update-replace" | "delete-replace";
};

/** One resource type of a provider, as the engine drives it. Every method may throw; the text reaches the engine as the error. */
export type ResourceDouble = {
  /** Fills the provider's defaults into new inputs; throws on inputs that the provider refuses. */
  check(inputs: Properties): Properties;
  /** What an update from these outputs to these inputs would change; empty means nothing. */
  diff(
    olds: { id: string; inputs: Properties; outputs: Properties },
    news: Properties,
  ): readonly PropertyChange[];
  /** Whether a replacement deletes before it creates. */
  readonly deleteBeforeReplace: boolean;
  /** Outputs that are secret whatever the inputs were, as dotted paths; what came in secret goes out secret anyway. */
  readonly secrets: readonly string[];
  create(inputs: Properties, signal: AbortSignal): Promise<ResourceState>;
  /** None: it is gone. Inputs come back as an import (empty olds) or refresh would read them. */
  read(
    id: string,
    olds: { inputs: Properties; outputs: Properties },
    signal: AbortSignal,
  ): Promise<(ResourceState & { inputs: Properties }) | undefined>;
  update(
    id: string,
    change: { olds: Properties; news: Properties },
    signal: AbortSignal,
  ): Promise<Properties>;
  delete(id: string, olds: Properties, signal: AbortSignal): Promise<void>;
  /** What `create`, or given the old outputs `update`, would give without doing it: {@link unknown} or absent where not known. */
  preview(inputs: Properties, olds?: Properties): Properties;
};

/** A provider plugin's double. Unknown resource or function tokens are errors. */
export type ProviderDouble = {
  /** The plugin's name as the engine attaches it: `PULUMI_DEBUG_PROVIDERS=<plugin>:<port>`. */
  readonly plugin: string;
  /** The version that the SDK in package.json asks for. */
  readonly version: string;
  /** Takes the provider's configuration; called once per engine run, before anything else. */
  configure(config: Properties): ProviderSession;
};

/** A configured provider. */
export type ProviderSession = {
  /** Throws for an unknown type token. */
  resource(type: string): ResourceDouble;
  /** Answers an invoke; throws for an unknown function token. */
  invoke(token: string, args: Properties, signal: AbortSignal): Promise<Properties>;
};

/** A change behind the engine's back that a check must catch. */
export type PreparedDrift = {
  readonly name: string;
  readonly summary: string;
  /** The check that must catch it. */
  readonly check: string;
  /** Checks of what it takes along, which may fail too. */
  readonly along?: readonly string[];
  /** Part of the advice that a person is given, where nobody else may put it right. */
  readonly byHand?: string;
  readonly change: DeclaredChange | HiddenChange | { readonly requests: readonly ApiRequest[] };
};

/** One request to a far end's API in its own words. */
export type ApiRequest = {
  readonly method: "POST" | "PUT" | "DELETE";
  /** Below the API's base: `/nodes/node1/network`. */
  readonly path: string;
  readonly form?: Readonly<Record<string, string>> | undefined;
};

/** `<logical-name>.<property.path>` and the value to set, or the logical name to delete. */
export type DeclaredChange = { readonly set: string; readonly value: unknown } | { readonly delete: string };

/** What no API tells of: inside a guest, by its label, or on a host, by its name and the substrate's own word. */
export type HiddenChange =
  | { readonly guest: string; readonly meddle: Meddling }
  | { readonly host: string; readonly meddle: string };

/** Properties of a type that can not drift, and why. */
export type Immaterial = {
  /** The type's token. */
  readonly of: string;
  /** Of one thing alone, by its logical name. */
  readonly named?: string;
  /** With everything below them; `[]` stands for any place in a list, `[0]` for one, `[+]` and `[-]` for one more and one less, `deleted` for its end. */
  readonly paths: readonly string[];
  /** As it is at the real far end, or why the lab can not bring it about. */
  readonly reason: string;
};

/** A way to break the far end. */
export type PreparedFault = {
  readonly name: string;
  readonly summary: string;
  /** The check that shows it. */
  readonly check: string;
  /** What that check must come to: `fail` where something is seen and wrong, `blocked` where it can not be seen. */
  readonly shows: "fail" | "blocked";
  /** The same for the flows of other substrates that lead here; none: they do not lead through it. */
  readonly abroad?: "fail" | "blocked";
  /** Making its guest anew ends it: a repair may pass. */
  readonly mendable?: true;
  /** The world's key for what is broken: `<substrate>/<what>` or `<substrate>/<machine label>/<what>`. */
  readonly breaks: string;
};

/** What a substrate brings to the lab. */
export type SubstrateDouble = {
  readonly provider: ProviderDouble;
  readonly drifts: readonly PreparedDrift[];
  readonly faults: readonly PreparedFault[];
  /** What the campaign of drifts leaves out. */
  readonly immaterial: readonly Immaterial[];
  /** Starts the far-end servers on loopback; resolves when they listen. */
  start(world: World): Promise<RunningDouble>;
};

/** An SSH server behind the jump host that is no machine of the world: a host of a substrate. */
export type Shell = {
  readonly host: string;
  readonly port: number;
  /** The only login name; it takes the same key as the guests. */
  readonly user: string;
  /** Private in PEM (OpenSSH), public as a `ssh-ed25519 AAAA…` line. */
  readonly hostKey: { readonly privateKey: string; readonly publicKey: string };
  /** Whether it answers anything now. */
  readonly isAlive: () => boolean;
  /** Computes what one argument list comes to. */
  readonly run: (argv: readonly string[]) => Answer;
};

/** The far end of one substrate, running. */
export type RunningDouble = AsyncDisposable & {
  /** Where the controller's side of the network is plugged in: the jump host's segment and address there. */
  readonly attachment: { readonly segment: string; readonly address: string };
  /** Hosts that can be logged in to. */
  readonly shells: readonly Shell[];
  /** Changes a host as somebody with a root shell on it could, and gives back the way to undo that. */
  tamper(host: string, what: string): () => void;
  /** Stack config that a lab environment needs on top of the tracked file: addresses, certificates, tokens. */
  readonly overlay: Properties;
  /** What lies over that for those who only look: credentials that change nothing. */
  readonly readOnly: Properties;
  /**
   * The session that drifts go through: the same provider double, signed in as an outsider whose
   * changes are no effects of ours.
   */
  readonly outsider: ProviderSession;
  /**
   * Sends requests as the outsider, each after the other has taken effect, and gives back the way to undo what they
   * changed, as far as nobody has changed it since. Throws where one is refused.
   */
  meddle(requests: readonly ApiRequest[], signal: AbortSignal): Promise<() => Promise<void>>;
  /** Remembers one resource as it is now and gives back the way to restore exactly that. */
  capture(type: string, id: string): Promise<() => Promise<void>>;
  /** All that the far end holds, as it is now: what no reading of a provider's can hide. */
  state(): object;
};
