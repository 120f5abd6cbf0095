// What may be where, and why: the only exceptions from "no canary anywhere".
import type { Kind } from "./search.ts";

/** Where commands write, or can be seen by others on the machine. */
const placeKinds = [
  ...["standard output", "standard error", "manifest", "result", "JUnit", "Markdown", "stack outputs"],
  ...["evidence log", "product report", "plan", "debug log", "state", "temporary file", "Pulumi's own words"],
  ...["arguments", "environment", "checkout", "unknown file"],
] as const;

/** One of them. */
export type PlaceKind = (typeof placeKinds)[number];

type Allowance = {
  readonly place: PlaceKind;
  /** Only of these: files, commands or programs. */
  readonly name?: RegExp;
  readonly kinds: readonly Kind[];
  readonly because: string;
};

const public_ = ["address", "MAC", "provider ID", "pin", "outsider's words"] as const satisfies Kind[];

/** Everything that is not here is a leak. No file may hold a secret, a private key or user data as it is. */
const allowances: readonly Allowance[] = [
  {
    place: "state",
    kinds: public_,
    because: "the engine keeps every input and output; what is secret among them is ciphertext",
  },
  {
    place: "Pulumi's own words",
    kinds: public_,
    because: "a person who runs the engine is shown what it declares; not evidence",
  },
  {
    place: "plan",
    kinds: ["address"],
    because: "a qualification command must know where endpoints are; 0600, and gone after the run",
  },
  {
    place: "evidence log",
    name: /qualification\.log$/,
    kinds: ["address"],
    because:
      "a user's own qualification command is given its plan, and what it prints of that is kept for the user, 0600",
  },
  {
    place: "debug log",
    kinds: [...public_, "far end's words"],
    because: "raw text of engine and far ends, only on request, 0600, and its first line says so",
  },
  {
    place: "checkout",
    name: /\/stacks\/Pulumi\.[\w-]+\.yaml$/,
    kinds: public_,
    because: "stack config is where the facts of an environment belong; what is secret in it is ciphertext",
  },
  {
    place: "environment",
    name: /@pulumi\/pulumi\/cmd\/run(-policy-pack)?$/,
    kinds: [...public_, "secret", "private key"],
    because:
      "a language host hands a program its stack config in PULUMI_CONFIG, secrets among it: the engine's own protocol",
  },
  {
    place: "arguments",
    name: /src\/cli\/lab\.ts$/,
    kinds: ["outsider's words"],
    because: "the campaign has the lab write them",
  },
];

/** Files that nobody but their owner may read. */
export const privatePlaces: readonly PlaceKind[] = ["plan", "debug log", "evidence log", "product report"];

/** Why a kind of canary may be in a kind of place; none: it may not. */
export function allowanceOf(
  { kind: place, name }: { readonly kind: PlaceKind; readonly name: string },
  kind: Kind,
): Allowance | undefined {
  return allowances.find(
    (one) => one.place === place && one.kinds.includes(kind) && (one.name?.test(name) ?? true),
  );
}
