// The CrossGuard pack: every policy on every resource that a substrate's stack declares, before it is made or changed.
import { PolicyPack } from "@pulumi/policy";
import { freezePolicy } from "./freeze.ts";
import { openStack } from "./open.ts";
import { rules, type Stack } from "./rules.ts";

/** Opened once for all resources; the engine also loads a pack only to ask what is in it, and there is no stack then. */
let opened: Promise<Stack | undefined> | undefined;

new PolicyPack("substrate", {
  enforcementLevel: "mandatory",
  policies: [
    freezePolicy,
    ...rules.map(({ name, description, violations }) => ({
      name,
      description,
      validateResource: async (
        { type, name: own, props, opts }: Declared,
        report: (message: string) => void,
      ) => {
        opened ??= openStack();
        const stack = await opened;
        if (stack === undefined || type.startsWith("pulumi:")) return;
        const resource = { type, name: own, props, protect: opts.protect === true };
        for (const violation of violations(resource, stack)) report(violation);
      },
    })),
  ],
});

/** As the engine tells of a resource. */
type Declared = {
  readonly type: string;
  readonly name: string;
  readonly props: Readonly<Record<string, unknown>>;
  readonly opts: { readonly protect?: boolean };
};
