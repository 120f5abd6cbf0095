// Whether the certifications are about what is asked for, all of it and nothing else, by the commands that may say so.

import { quoted } from "../environment/visible.ts";
import type { Expectation } from "./expectation.ts";
import type { Refusal } from "./refusal.ts";
import type { Certified, Request } from "./request.ts";

type Asked = Pick<Request, "environment" | "topology" | "providers">;

/** Refuses another environment or topology in any of them. */
export function judgePlace({ source, manifest }: Certified, asked: Asked): readonly Refusal[] {
  return (["environment", "topology"] as const).flatMap((key) =>
    manifest[key] === asked[key]
      ? []
      : {
          code: key,
          subject: `${key} of ${source}`,
          expected: asked[key],
          actual: quoted(manifest[key]),
          remedy: `name the manifest of this ${key}, or the ${key} of this manifest`,
        },
  );
}

/** Refuses unless all of them together are about exactly the providers that are asked for, each one once. */
export function judgeProviders(certified: readonly Certified[], { providers }: Asked): readonly Refusal[] {
  const given: readonly string[] = certified.flatMap(({ manifest }) => manifest.providers);
  const twice = given.filter((provider, index) => given.indexOf(provider) < index);
  const same = given.length - twice.length === providers.length && providers.every((p) => given.includes(p));
  const sources = certified.map(({ source }) => source).join(" and ");
  const about = { code: "providers", subject: `providers of ${sources}` } as const;
  return [
    ...(same
      ? []
      : [
          {
            ...about,
            expected: `exactly ${providers.toSorted().join(", ")}`,
            actual: [...new Set(given)].sort().join(", "),
            remedy: "certify what is missing, or ask for what is certified",
          },
        ]),
    ...[...new Set(twice)].map((provider) => ({
      ...about,
      expected: "every provider in one of them",
      actual: `${provider} in both`,
      remedy: "leave one of them out",
    })),
  ];
}

/** Refuses a provider without its certifier, and any certifier without a pass. */
export function judgeCertifiers(
  { source, manifest }: Certified,
  expectations: readonly Expectation[],
): readonly Refusal[] {
  const signed = manifest.certifiers.map(({ name }): string => name);
  const subject = (name: string) => `certifier ${name} in ${source}`;
  const missing = [...new Set(expectations.map(({ certifier }) => certifier))].filter(
    (name) => !signed.includes(name),
  );
  const unhappy = manifest.certifiers.filter(({ result }) => result !== "pass");
  return [
    ...missing.map((name) => ({
      code: "certifier" as const,
      subject: subject(name),
      expected: "its pass",
      actual: "nothing of it",
      remedy: `certify with ${name}`,
    })),
    ...unhappy.map(({ name, result }) => ({
      code: "certifier" as const,
      subject: subject(name),
      expected: "its pass",
      actual: result,
      remedy: `see its checks, then certify again with ${name}`,
    })),
  ];
}
