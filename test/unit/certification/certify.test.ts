import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { certify } from "../../../src/certification/certify.ts";
import { Problem } from "../../../src/environment/problem.ts";
import { substrate } from "../../support/certification.ts";

const project = fileURLToPath(new URL("../../..", import.meta.url));
const means = {
  ...{ engine: "/nowhere/pulumi", project, progress: () => undefined, debug: () => undefined },
  signal: new AbortController().signal,
};

it("Certifying an environment that has no stack config is a problem that names the file, however long its name", async () => {
  const environment = "e".repeat(40);
  const request = {
    ...{ environment, topology: "sam-full", certifier: "certify-pve-substrate.sh", substrates: [substrate] },
    ...{ repair: false, validFor: 1 },
  };
  const certifying = certify(request, means);
  await expect(certifying).rejects.toThrow(Problem);
  await expect(certifying).rejects.toThrow(`stacks/Pulumi.${environment}-pve.yaml`);
});
