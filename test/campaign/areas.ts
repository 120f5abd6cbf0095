// What decides, by area, with the fast tests that say what it should decide.

/** Files to be mutated, and the tests that must notice; globs from the project's root. */
export type Area = { readonly mutated: readonly string[]; readonly tests: readonly string[] };

/** Each can be run alone, in minutes. */
export const areas: Readonly<Record<string, Area>> = {
  manifest: {
    mutated: ["src/manifest/{status,read,parse,model,canonical,instant,json}.ts"],
    tests: ["test/unit/manifest/*.test.ts"],
  },
  check: {
    mutated: ["src/check/{outcome,unreadable,chorus,run,poll}.ts"],
    tests: ["test/unit/check/{outcome,chorus,run,poll,pauses}.test.ts"],
  },
  remains: {
    mutated: ["src/check/remains.ts"],
    tests: ["test/unit/check/remains.test.ts"],
  },
  certification: {
    mutated: ["src/certification/{evidence,merge,repair,step,still,drift,hindrance}.ts"],
    tests: ["test/unit/certification/{drift,evidence,hindrance,merge,repair,step,still}.test.ts"],
  },
  gate: {
    mutated: ["src/gate/{backend,document,proof,refusal,scope,sources,standing,tools}.ts"],
    tests: ["test/unit/gate/{backend,refusals}.test.ts"],
  },
  release: {
    mutated: ["src/gate/{binding,git}.ts"],
    tests: ["test/unit/gate/binding.test.ts"],
  },
  admission: {
    mutated: ["src/gate/{preflight,expectation}.ts", "src/certification/blind.ts"],
    tests: ["test/unit/gate/{preflight,asking,expectation}.test.ts", "test/unit/certification/blind.test.ts"],
  },
  freeze: {
    mutated: ["src/freeze.ts", "src/program/ledger.ts", "src/certification/{held,pending}.ts"],
    tests: [
      "test/unit/freeze.test.ts",
      "test/unit/program/ledger.test.ts",
      "test/unit/certification/{held,pending}.test.ts",
    ],
  },
  guard: {
    mutated: ["src/program/guard.ts", "policy/freeze.ts"],
    tests: ["test/unit/program/guard.test.ts", "test/unit/policy/freeze.test.ts"],
  },
  qualification: {
    mutated: ["src/qualification/{blame,result,routerd,whole,report}.ts"],
    tests: ["test/unit/qualification/{blame,report,result,routerd,whole}.test.ts"],
  },
  product: {
    mutated: ["src/qualification/product.ts"],
    tests: ["test/unit/qualification/product.test.ts"],
  },
  "far-ends": {
    mutated: ["src/probes/transports/failure.ts", "src/substrates/*/errors.ts", "src/substrates/pve/told.ts"],
    tests: ["test/unit/{probes/failure,substrates/errors,substrates/pve/told}.test.ts"],
  },
  policy: {
    mutated: ["policy/{openings,rules,userdata}.ts"],
    tests: ["test/unit/policy/{openings,rules}.test.ts"],
  },
};
