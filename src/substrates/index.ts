// The registry: every substrate, one lazy line each. A fifth substrate is one folder and one line here.
import { Problem } from "../environment/problem.ts";
import type { Substrate } from "./substrate.ts";

const registry: Readonly<Record<string, () => Promise<Substrate>>> = {
  aws: async () => (await import("./aws/substrate.ts")).aws,
  azure: async () => (await import("./azure/substrate.ts")).azure,
  oci: async () => (await import("./oci/substrate.ts")).oci,
  pve: async () => (await import("./pve/substrate.ts")).pve,
};

/** The names of all substrates. */
export const substrateNames: readonly string[] = Object.keys(registry);

/** Loads one substrate. Throws `Problem` for an unknown name. */
export async function loadSubstrate(name: string): Promise<Substrate> {
  const load = Object.hasOwn(registry, name) ? registry[name] : undefined;
  if (load !== undefined) return load();
  throw new Problem({
    subject: `substrate ${JSON.stringify(name)}`,
    expected: `one of ${substrateNames.join(", ")}`,
    remedy: "use one of these",
  });
}

/** All substrates. */
export async function loadSubstrates(): Promise<readonly Substrate[]> {
  return Promise.all(substrateNames.map(loadSubstrate));
}
