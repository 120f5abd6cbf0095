// The gate: whether a release qualification may start. It reads and judges; it never repairs.
import { type ToolVersions, toolVersions } from "../certification/versions.ts";
import { readConfig } from "../engine/config.ts";
import type { Asking } from "../pulumi/command.ts";
import { type Backend, judgeLedger, judgeStates } from "./backend.ts";
import { judgeRelease } from "./binding.ts";
import { judgeDocument } from "./document.ts";
import { type Expectation, expectationOf } from "./expectation.ts";
import { judgeChecks, judgeRepairs, judgeStrangers } from "./proof.ts";
import type { Refusal } from "./refusal.ts";
import type { Certified, Judgement, Means, Request } from "./request.ts";
import { judgeCertifiers, judgePlace, judgeProviders } from "./scope.ts";
import { type Read, readSources } from "./sources.ts";
import { judgeTools } from "./tools.ts";

/** What the gate says: where nothing is refused, the qualification may start. */
export type Admission = Judgement & { readonly certified: readonly Certified[] };

/** Judges everything that can be judged, so that all that is in the way is known at once. */
export async function preflight(request: Request, means: Means): Promise<Admission> {
  const facts = await gather(request, means);
  const { certified, refusals } = facts.read;
  const release = await judgeRelease(certified, request, means.signal);
  return {
    certified,
    refusals: [
      ...refusals,
      // What could not be read may have been about what is missing.
      ...(refusals.length === 0 && certified.length > 0 ? judgeProviders(certified, request) : []),
      ...certified.flatMap((one) => judgeOne(one, facts, { ...request, now: means.now })),
      ...facts.strange,
      ...release.refusals,
      ...judgeBackend(certified, request.environment, facts.backend),
    ],
    notes: [...release.notes, ...(request.offline ? ["state and ledger were not asked (--offline)"] : [])],
  };
}

/** All that is known before anything is judged. */
type Facts = {
  readonly read: Read;
  readonly tools: ToolVersions;
  readonly expectations: readonly Expectation[];
  /** Providers that nothing can be expected of. */
  readonly strange: readonly Refusal[];
  /** None where it is not to be asked; a refusal where nobody is there to ask. */
  readonly backend: Backend | Refusal | undefined;
};

async function gather(request: Request, means: Means): Promise<Facts> {
  // What asks takes as long to load as all the rest.
  const asking = request.offline ? undefined : await (await import("./ask.ts")).askingBy(means);
  const [own, told] = await Promise.all([
    expectAll(request, means.project, asking),
    tell(request, means, asking),
  ]);
  return { ...own, ...told };
}

async function expectAll(
  { environment, providers }: Request,
  project: string,
  asking: Asking | undefined,
): Promise<Pick<Facts, "tools" | "expectations" | "strange">> {
  const tools = await toolVersions(project);
  const decrypt = asking === undefined ? undefined : (stack: string) => readConfig(stack, asking);
  const sources = { environment, project, source: tools.source, decrypt };
  const found = await Promise.all(providers.map((provider) => expectationOf(provider, sources)));
  return {
    tools,
    expectations: found.filter((one) => "planned" in one),
    strange: found.filter((one) => "code" in one),
  };
}

async function tell(
  request: Request,
  means: Means,
  asking: Asking | undefined,
): Promise<Pick<Facts, "read" | "backend">> {
  const backend = request.offline ? undefined : await ask(request, asking);
  const ledger = backend !== undefined && "ledger" in backend ? backend.ledger : undefined;
  return { read: await readSources(request, { ...means, ledger }), backend };
}

async function ask(request: Request, asking: Asking | undefined): Promise<Backend | Refusal> {
  return asking === undefined ? noEngine : (await import("./ask.ts")).askBackend(request, asking);
}

const noEngine: Refusal = {
  code: "state",
  unseen: true,
  subject: "backend",
  expected: "the pulumi CLI to ask it with",
  actual: "none on this machine",
  remedy: "run `npm run engine`, or ask with --offline",
};

function judgeOne(
  one: Certified,
  { expectations, tools }: Facts,
  asked: Request & { readonly now: Date },
): readonly Refusal[] {
  const own = expectations.filter(({ provider }) => one.manifest.providers.some((name) => name === provider));
  // Versions of a provider that is unknown here would each be refused beside the provider itself.
  const comparable = own.length === one.manifest.providers.length;
  const versions = Object.assign({}, tools, ...own.map((each) => each.versions));
  return [
    ...judgeDocument(one, asked),
    ...judgePlace(one, asked),
    ...judgeCertifiers(one, own),
    ...own.flatMap((each) => judgeChecks(one, each)),
    ...judgeStrangers(one, own),
    ...judgeRepairs(one),
    ...(comparable ? judgeTools(one, versions) : []),
  ];
}

function judgeBackend(
  certified: readonly Certified[],
  environment: string,
  backend: Facts["backend"],
): readonly Refusal[] {
  if (backend === undefined) return [];
  if ("code" in backend) return [backend];
  return [
    ...certified.flatMap((one) => judgeStates(one, environment, backend)),
    ...judgeLedger(certified, environment, backend),
  ];
}
