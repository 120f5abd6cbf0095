// The ledger of an environment: what certifications have learned and must remember, in a stack of its own.
import { z } from "zod";
import { Unreadable } from "../check/unreadable.ts";
import { breakAbandoned } from "../engine/lock.ts";
import { operate } from "../engine/operation.ts";
import { ledgerOf } from "../environment/stack.ts";
import { type Freeze, frozen, type GivenBack } from "../freeze.ts";
import { instant } from "../manifest/instant.ts";
import { provider, verdict } from "../manifest/model.ts";
import { type Asking, command } from "../pulumi/command.ts";
import { readOutputs } from "../pulumi/outputs.ts";

const hostKey = z.object({
  /** As ssh-keygen prints it: `SHA256:…`. */
  fingerprint: z.string(),
  /** A digest of the machine that showed it; a machine made anew is another one. */
  machine: z.string(),
});

/** The host key that a machine is known by. */
export type HostKey = z.infer<typeof hostKey>;

/** Host keys by substrate and endpoint. */
export type HostKeys = Readonly<Record<string, Readonly<Record<string, HostKey>>>>;

const certification = z.object({
  manifestId: z.string(),
  /** What the certification came to; it may have expired since. */
  status: verdict,
  expiresAt: instant,
  /** Of the manifest's bytes, 64 hexadecimal digits. */
  sha256: z.string(),
  /** All that the manifest is about. */
  providers: z.array(provider),
  /** The manifest's own text. */
  manifest: z.string(),
});

/** The certification that is current for a substrate. */
export type Certification = z.infer<typeof certification>;

/** Current certifications by substrate; one manifest may be about several. */
export type Certifications = Readonly<Record<string, Certification>>;

const outputs = frozen.extend({
  hostKeys: z.record(z.string(), z.record(z.string(), hostKey)).default({}),
  certifications: z.record(z.string(), certification).default({}),
});

/** What a ledger holds, as far as this version knows it. */
export type Ledger = {
  readonly hostKeys: HostKeys;
  readonly certifications: Certifications;
  /** As it was written; see `inForce` for whether it holds. */
  readonly freeze: Freeze | null;
};

/**
 * Reads the ledger; no such stack is an empty one.
 * @throws Unreadable where the backend can not be asked, or the outputs are not what they should be
 */
export async function readLedger(environment: string, asking: Asking): Promise<Ledger> {
  const parsed = outputs.safeParse((await readOutputs(ledgerOf(environment), asking)) ?? {});
  if (parsed.success) return parsed.data;
  throw new Unreadable("unparsable", "the ledger's outputs", { cause: parsed.error });
}

/** What recording needs beside the engine. */
type Recording = Asking & { readonly debug: (line: string) => void };

/** What is recorded: of the freeze, a new one, or that a run gives its own back. */
type Entries = Partial<Omit<Ledger, "freeze">> & { readonly freeze?: Freeze | GivenBack };

/**
 * Lays entries over what the ledger holds and keeps everything else; makes the stack where there is none, and throws away
 * a lock that nobody can release. A freeze of another run that is in force is not replaced.
 * @throws Unreadable where that could not be done
 */
export async function record(environment: string, entries: Entries, means: Recording): Promise<void> {
  const stack = ledgerOf(environment);
  if ((await readOutputs(stack, means)) === undefined) {
    const made = await command(["stack", "init", stack, "--no-select"], means);
    if (made.exitCode !== 0) throw new Unreadable("engine", made.stderr);
  }
  const found = await breakAbandoned(stack, means);
  if (found !== undefined) means.debug(`${stack}: ${found.what}`);
  const operation = operate({ ...means, operation: "record", stack, entries });
  operation.release();
  await operation.ended;
}
