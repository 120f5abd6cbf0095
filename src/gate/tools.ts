// Whether this machine would certify with the same tools and the same declaration.
import type { Versions } from "../certification/versions.ts";
import { quoted } from "../environment/visible.ts";
import type { Refusal } from "./refusal.ts";
import type { Certified } from "./request.ts";

/** What was recorded at certification and can not be told from this machine alone. */
const elsewhere = /^(state|observed)\/|^routerd\/range$/;

/** The certified state that the gate and the qualification compare with. */
const compared = ["state", "observed"] as const;

/**
 * Refuses other versions and digests than these, those that are missing, and those that this machine knows nothing of.
 * @param own what this machine would record, for the manifest's providers
 */
export function judgeTools({ source, manifest }: Certified, own: Versions): readonly Refusal[] {
  const recorded = manifest.toolVersions ?? {};
  const names = new Set([
    ...Object.keys(own),
    ...Object.keys(recorded).filter((key) => !elsewhere.test(key)),
  ]);
  const unlike = [...names].filter((name) => valueIn(recorded, name) !== valueIn(own, name));
  const unrecorded = manifest.providers
    .flatMap((provider) => compared.map((part) => `${part}/${provider}`))
    .filter((key) => valueIn(recorded, key) === undefined);
  return [
    ...unlike.map((name) =>
      differs(name, { source, here: valueIn(own, name), there: valueIn(recorded, name) }),
    ),
    ...unrecorded.map((name) => unrecordedIn(source, name)),
  ];
}

/** A manifest may have keys such as `constructor`. */
function valueIn(versions: Versions, name: string): string | undefined {
  return Object.hasOwn(versions, name) ? versions[name] : undefined;
}

type Compared = {
  readonly source: string;
  readonly here: string | undefined;
  readonly there: string | undefined;
};

function differs(name: string, { source, here, there }: Compared): Refusal {
  const declared = name.startsWith("declared/");
  return {
    code: declared ? "declaration" : "tools",
    subject: `${quoted(name)} of ${source}`,
    expected: here === undefined ? "nothing, for it is not used here" : short(here),
    actual: there === undefined ? "nothing" : short(there),
    remedy: remedyFor(name, declared),
  };
}

function unrecordedIn(source: string, name: string): Refusal {
  const remedy = "certify again; without it nobody can tell what has changed since";
  return {
    code: "tools",
    subject: `${quoted(name)} of ${source}`,
    expected: "a digest",
    actual: "nothing",
    remedy,
  };
}

/** Nobody reads 64 digits; the first 12 tell two apart. */
function short(value: string): string {
  return /^[0-9a-f]{64}$/.test(value) ? value.slice(0, 12) : quoted(value);
}

function remedyFor(name: string, declared: boolean): string {
  if (declared) return "certify again: the stack config or this project's source is another than certified";
  if (name === "source") return "certify again with this revision, or check out the certified one";
  return "certify again with the tools of this machine, or use the certified ones";
}
