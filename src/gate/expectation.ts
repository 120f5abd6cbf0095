// What this machine would certify of a provider now: which checks, in which groups, with which tools and declaration.
import { randomBytes } from "node:crypto";
import { planBlindly } from "../certification/blind.ts";
import { driftId } from "../certification/drift.ts";
import { declaredVersions, type Versions } from "../certification/versions.ts";
import type { CheckId } from "../check/key.ts";
import { readSealed } from "../engine/config.ts";
import { Problem } from "../environment/problem.ts";
import type { RawConfig } from "../environment/section.ts";
import { configFile, stackOf } from "../environment/stack.ts";
import { canonical } from "../manifest/canonical.ts";
import { groupsOf } from "../substrates/abroad.ts";
import { loadSubstrate } from "../substrates/index.ts";
import type { OpenSubstrate, Substrate } from "../substrates/substrate.ts";
import { type Refusal, refusalOf } from "./refusal.ts";

/** A check that certifying would run. */
export type Planned = { readonly id: CheckId; readonly target?: string | undefined };

/** What a certification of one provider must show. */
export type Expectation = {
  readonly provider: string;
  /** The contract's command that must have signed. */
  readonly certifier: string;
  readonly groups: Substrate["groups"];
  readonly planned: readonly Planned[];
  /** Its packages and its declared digest. */
  readonly versions: Versions;
};

/** Where to look, and how to have encrypted stack config decrypted; none where nobody may be asked. */
export type Sources = {
  readonly environment: string;
  readonly project: string;
  /** The digest of this project's source. */
  readonly source: string;
  readonly decrypt: ((stack: string) => Promise<RawConfig>) | undefined;
};

/** Opens the provider's substrate and has it plan, without looking at anything. A refusal where that can not be done. */
export async function expectationOf(provider: string, sources: Sources): Promise<Expectation | Refusal> {
  try {
    const substrate = await loadSubstrate(provider);
    const { certifier } = substrate;
    const stack = stackOf({ environment: sources.environment, substrate: provider });
    const open = await openStack(substrate, stack, sources);
    if (open === undefined) return sealed(stack);
    const checks = await planBlindly(await open.inspect());
    const planned = [...checks.map(({ id, target }) => ({ id, target })), { id: driftId(provider) }];
    return {
      provider,
      certifier,
      groups: groupsOf(substrate, open),
      planned,
      versions: await declaredVersions({ substrate, open }, sources),
    };
  } catch (error) {
    if (error instanceof Problem) return refusalOf("declaration", error);
    throw error;
  }
}

/**
 * Secrets count by their keys alone, so they need not be decrypted: a stand-in does, unless it turns up where a value
 * counts. None where nobody can decrypt then.
 */
async function openStack(
  { open }: Substrate,
  stack: string,
  { project, decrypt }: Sources,
): Promise<OpenSubstrate | undefined> {
  const origin = configFile(stack);
  const standIn = randomBytes(16).toString("hex");
  const { raw, encrypted } = await readSealed(stack, project, standIn);
  if (!encrypted) return open(raw, origin);
  const opened = attempt(() => open(raw, origin));
  if (opened !== undefined && !canonical(opened.declaration).includes(standIn)) return opened;
  return decrypt === undefined ? undefined : open(await decrypt(stack), origin);
}

/** None for config that a stand-in does not fit into. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

function sealed(stack: string): Refusal {
  return {
    code: "declaration",
    unseen: true,
    subject: configFile(stack),
    expected: "plain values where their digest counts",
    actual: "encrypted ones",
    remedy: "ask without --offline, so that the engine decrypts them",
  };
}
