// Reads a stack's checkpoint: what the engine believes is there, and a digest that any real change of it changes.
import { z } from "zod";
import { Unreadable } from "../check/unreadable.ts";
import { type Run, run as runModel } from "../environment/run.ts";
import type { Asking } from "../pulumi/command.ts";
import { parseExport, readDeployment, type Written } from "../pulumi/deployment.ts";
import { nameOf } from "./urn.ts";

/** What a checkpoint says. */
export type Checkpoint = {
  /** The release run in the stack's outputs; none where the stack was never brought up. */
  readonly run: Run | undefined;
  /** Every resource's type, URN, id and inputs: no providers, no times, no outputs, nothing of the run. Plain data to be digested. */
  readonly substance: unknown;
  /** What the program declared, each with its part of the substance. */
  readonly resources: readonly Recorded[];
  /** Creations that were begun and whose end nobody saw. */
  readonly pendingCreates: readonly Pending[];
  /** All that was read, to tell whether anything at all was written. */
  readonly bytes: string;
};

/** A declared resource as the engine remembers it. */
export type Recorded = {
  readonly urn: string;
  /** The logical name that the program gave it. */
  readonly name: string;
  /** The provider's id for it. */
  readonly id: string;
  /** When the engine made or imported it, ISO 8601. */
  readonly created: string;
  /** A repair must not replace it: it is protected, or was there before us. */
  readonly kept: boolean;
  /** It was there before us, and stays when we go. */
  readonly adopted: boolean;
  readonly substance: unknown;
};

/** A creation whose end nobody saw. */
export type Pending = Pick<Recorded, "urn" | "name"> & {
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
};

const properties = z.record(z.string(), z.unknown());

const entry = z.object({
  type: z.string(),
  urn: z.string(),
  id: z.string().optional(),
  created: z.string().optional(),
  protect: z.boolean().optional(),
  retainOnDelete: z.boolean().optional(),
  importID: z.string().optional(),
  inputs: properties.optional(),
  outputs: properties.optional(),
  /** By each input that the program set. */
  propertyDependencies: properties.optional(),
});

const resource = entry.transform((one) => ({ ...one, inputs: inputsOf(one) }));

/** Nothing before a stack's first update. */
const model = z
  .object({
    resources: z.array(resource).default([]),
    pending_operations: z.array(z.object({ type: z.string(), resource })).default([]),
  })
  .nullish();

/**
 * Reads a stack's checkpoint.
 * @returns none where the backend has no such stack
 * @throws Unreadable where the backend can not be asked
 */
export async function readCheckpoint(stack: string, asking: Asking): Promise<Checkpoint | undefined> {
  const written = await readDeployment(stack, asking);
  return written && checkpointOf(written);
}

/** The same; where the backend can not be asked, why. */
export function seeCheckpoint(stack: string, asking: Asking): Promise<Checkpoint | undefined | Unreadable> {
  return readCheckpoint(stack, asking).catch((error: unknown) =>
    error instanceof Unreadable ? error : new Unreadable("engine", String(error), { cause: error }),
  );
}

/** The provider's id of a resource, by its logical name; none where the engine has never made it. */
export function idIn(checkpoint: Checkpoint | undefined, resource: string): string | undefined {
  return checkpoint?.resources.findLast(({ name }) => name === resource)?.id;
}

/** Parses what `pulumi stack export` prints. Throws `Unreadable`. */
export function parseCheckpoint(bytes: string): Checkpoint {
  return checkpointOf(parseExport(bytes));
}

function checkpointOf({ deployment, bytes }: Written): Checkpoint {
  try {
    const { resources: written = [], pending_operations = [] } = model.parse(deployment) ?? {};
    // The engine writes things down as they come.
    const resources = written.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
    const root = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
    const run = runModel.safeParse(root?.outputs?.run);
    return {
      run: run.data,
      substance: resources.filter(isLasting).map((one) => substanceOf(one, run.data)),
      resources: resources.flatMap((one) => recordedOf(one, run.data)),
      pendingCreates: pending_operations.flatMap(pendingOf),
      bytes,
    };
  } catch (cause) {
    throw new Unreadable("unparsable", "the stack's deployment", { cause });
  }
}

/**
 * An import takes over as inputs whatever was read, and the next update drops those that the program does not set,
 * without calling that a change.
 */
function inputsOf({ importID, inputs, propertyDependencies }: z.infer<typeof entry>) {
  if (importID === undefined || inputs === undefined || propertyDependencies === undefined) return inputs;
  const set = Object.entries(inputs).filter(([key]) => Object.hasOwn(propertyDependencies, key));
  return Object.fromEntries(set);
}

/** A provider that is only asked something comes and goes with the updates that ask. */
function isLasting({ type }: z.infer<typeof resource>): boolean {
  return !type.startsWith("pulumi:providers:");
}

/** What no value of anybody's holds, so that a tag that was taken away shows. */
const blanks = { id: "\0id", expiresAt: "\0expiresAt", secret: "\0secret" } as const;

/** A resource that waits for its deletion has the URN of the one that took its place. */
function placeOf({ urn, id }: z.infer<typeof resource>): string {
  return `${urn} ${id ?? ""}`;
}

function recordedOf(one: z.infer<typeof resource>, run: Run | undefined): readonly Recorded[] {
  const { type, urn, id = "", created = "", protect, retainOnDelete } = one;
  if (type.startsWith("pulumi:")) return [];
  const adopted = retainOnDelete === true;
  const kept = protect === true || adopted;
  return [{ urn, name: nameOf(urn), id, created, kept, adopted, substance: substanceOf(one, run) }];
}

function pendingOf({ type, resource: one }: { type: string; resource: z.infer<typeof resource> }): Pending[] {
  const { urn, inputs = {} } = one;
  return type === "creating" ? [{ urn, name: nameOf(urn), type: one.type, inputs }] : [];
}

/** Without outputs and times, and with the run's id and expiry blanked wherever inputs carry them. */
function substanceOf({ type, urn, id, inputs }: z.infer<typeof resource>, run: Run | undefined): unknown {
  const blank = (key: string, value: unknown) => {
    // A secret is encrypted anew whenever it is written.
    if (key === "ciphertext") return blanks.secret;
    return typeof value === "string" && run !== undefined
      ? value.replaceAll(run.id, blanks.id).replaceAll(run.expiresAt, blanks.expiresAt)
      : value;
  };
  // Providers' own settings (endpoint, token) are not the substrate.
  return type.startsWith("pulumi:")
    ? { type, urn }
    : { type, urn, id, inputs: JSON.parse(JSON.stringify(inputs ?? {}, blank)) };
}
