// The rules, in words that every substrate's facts are put into; each gives what is wrong with one resource.
import { z } from "zod";
import { runId } from "../src/environment/run.ts";
import type { Declaring, SubstratePolicy } from "../src/substrates/policy.ts";
import { isOpenToManagement, sayOpening } from "./openings.ts";
import { secretsIn } from "./userdata.ts";

/** One update of one stack: what its resources are held against, and what was declared so far. */
export type Stack = SubstratePolicy & {
  /** Names by type. */
  readonly declared: Map<string, Set<string>>;
  /** By name: what it adds to each total. */
  readonly costs: Map<string, Readonly<Record<string, number>>>;
};

/** A rule: what is wrong with a resource, in sentences; nothing where all is well. */
type Rule = {
  readonly name: string;
  readonly description: string;
  readonly violations: (resource: Declaring, stack: Stack) => readonly string[];
};

/** A stack of which nothing was declared yet. */
export function stackWith(policy: SubstratePolicy): Stack {
  return { ...policy, declared: new Map(), costs: new Map() };
}

/** All rules; what they need to know of a provider comes from its folder. */
export const rules: readonly Rule[] = [
  {
    name: "declared-types",
    description:
      "Only what the stack config comes to is declared: a closed list of types, and so many of each.",
    violations: ({ type, name }, { counts, declared }) => {
      const names = declared.get(type) ?? new Set();
      declared.set(type, names.add(name));
      const most = counts[type] ?? 0;
      return names.size <= most ? [] : [`expected at most ${most} of ${type}, got ${[...names].join(", ")}`];
    },
  },
  {
    name: "run-tags",
    description: "Everything that takes tags says which run it belongs to and when that expires.",
    violations: (resource, { factsOf }) => {
      const { tags } = factsOf(resource);
      if (tags === undefined) return [];
      const missing = [
        ...(runId.safeParse(tags.run).success ? [] : ["a run ID"]),
        ...(z.iso.datetime().safeParse(tags.expires).success ? [] : ["an expiry"]),
      ];
      return missing.map((what) => `expected ${what} among its tags`);
    },
  },
  {
    name: "management-ports",
    description: "No management port is open to anywhere.",
    violations: (resource, { factsOf }) =>
      (factsOf(resource).openings ?? []).filter(isOpenToManagement).map(sayOpening),
  },
  {
    name: "cost-ceiling",
    description: "Sizes and totals stay below the ceiling that stack config sets.",
    violations: overCeiling,
  },
  {
    name: "user-data-secrets",
    description: "User data carries no secret but the declared host keys.",
    violations: (resource, { factsOf, hostKeys, secrets }) =>
      secretsIn(factsOf(resource).userData ?? "", { hostKeys, secrets }),
  },
  {
    name: "protected-foundations",
    description: "What others stand on is protected, so that nothing takes it away unasked.",
    violations: (resource, { factsOf }) =>
      factsOf(resource).foundation === true && !resource.protect ? ["expected `protect: true`"] : [],
  },
];

function overCeiling(resource: Declaring, { factsOf, ceiling, costs }: Stack): readonly string[] {
  const { shape, costs: own } = factsOf(resource);
  if (shape === undefined && own === undefined) return [];
  if (ceiling === undefined) return ["expected a ceiling in stack config, got none"];
  costs.set(`${resource.type} ${resource.name}`, own ?? {});
  const large = shape !== undefined && ceiling.shapes?.includes(shape) !== true;
  const over = Object.keys(own ?? {}).flatMap((key) => {
    const total = [...costs.values()].reduce((sum, one) => sum + (one[key] ?? 0), 0);
    const most = ceiling.totals[key] ?? 0;
    return total <= most ? [] : [`expected ${key} of at most ${most} in all, got ${total} with this one`];
  });
  return [...(large ? [`expected one of ${ceiling.shapes?.join(", ")}, got ${shape}`] : []), ...over];
}
