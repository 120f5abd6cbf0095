// Evidence: turns answers and repairs into the manifest, through the manifest's own model and nothing beside it.
import type { Answer } from "../check/check.ts";
import type { Sentence } from "../check/outcome.ts";
import {
  type Manifest,
  type ManifestCheck,
  type ManifestRepair,
  manifest,
  provider,
} from "../manifest/model.ts";
import { worst } from "../manifest/status.ts";
import type { Substrate } from "../substrates/substrate.ts";
import type { Repair } from "./repair.ts";
import type { Request } from "./request.ts";
import type { ToolVersions, Versions } from "./versions.ts";

/** What was found of one substrate. */
export type Evidence = {
  readonly substrate: Substrate;
  readonly answers: readonly Answer[];
  readonly repairs: readonly Repair[];
  readonly versions: Versions;
};

/** When it was done, and with what. */
export type Circumstances = {
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly tools: ToolVersions;
};

/** The policy that the contract prescribes. */
const policy = { noRepairDuringQualification: true, defaultValidityHours: 24 } as const;

/** The manifest of a certification. A verdict that is no pass expires as a pass would: it is about the same hours. */
export function manifestOf(
  request: Request,
  found: readonly Evidence[],
  circumstances: Circumstances,
): Manifest {
  const { startedAt, finishedAt, tools } = circumstances;
  const verdict = worst(found.flatMap(({ answers }) => answers.map(({ result }) => required(result))));
  const bound = { ...tools, ...Object.assign({}, ...found.map(({ versions }) => versions)) };
  return manifest.parse({
    schemaVersion: "release-environment-certification/v1",
    manifestId: `envcert-${stampOf(finishedAt)}-${request.environment}-${request.topology}`,
    environment: request.environment,
    topology: request.topology,
    status: verdict,
    issuedAt: finishedAt.toISOString(),
    expiresAt: new Date(finishedAt.getTime() + request.validFor).toISOString(),
    ...commitsOf(request),
    providers: found.map(({ substrate }) => provider.parse(substrate.name)),
    certifiers: [
      {
        name: request.certifier,
        version: `source:${tools.source.slice(0, 12)}`,
        result: verdict,
        startedAt: startedAt.toISOString(),
        finishedAt: finishedAt.toISOString(),
      },
    ],
    checks: found.flatMap((evidence) =>
      evidence.answers.map((answer) => checkOf(evidence.substrate, answer)),
    ),
    repairs: found.flatMap((evidence) =>
      evidence.repairs.map((repair) => repairOf(evidence.substrate, repair)),
    ),
    toolVersions:
      request.routerdRange === undefined ? bound : { ...bound, "routerd/range": request.routerdRange },
    qualificationPolicy: policy,
  });
}

/** A required check that was skipped has proven nothing. */
function required(result: Answer["result"]): Answer["result"] {
  return result === "skipped" ? "blocked" : result;
}

function commitsOf({ routerdCommit, routerdRange, labsCommit }: Request) {
  const head = routerdCommit ?? routerdRange?.split("..")[1];
  return {
    ...(head === undefined ? {} : { routerdCommit: head }),
    ...(labsCommit === undefined ? {} : { labsCommit }),
  };
}

function checkOf(
  substrate: Substrate,
  { check, result, summary, at }: Answer,
): Unparsed<ManifestCheck, Sentence> {
  return {
    name: check.id,
    component: check.component ?? substrate.component,
    provider: substrate.name,
    ...(check.target === undefined ? {} : { target: check.target }),
    result,
    checkedAt: at.toISOString(),
    summary,
  };
}

function repairOf(
  substrate: Substrate,
  { target, action, result, verifiedBy, at }: Repair,
): Unparsed<ManifestRepair, Sentence> {
  return {
    component: substrate.component,
    provider: substrate.name,
    target,
    action,
    result,
    verifiedBy: verifiedBy.join(", "),
    repairedAt: at.toISOString(),
  };
}

/** As the model has it, before it is parsed: free text may only be sentences of ours. */
type Unparsed<T, Text> = { readonly [K in keyof T]: K extends "summary" | "action" ? Text : T[K] | string };

/** `20261122T160145Z` */
function stampOf(time: Date): string {
  return time.toISOString().replace(/[-:]|\.\d+/g, "");
}
