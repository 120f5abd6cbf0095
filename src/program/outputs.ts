// A program's own stack as it was before: what the last update exported.
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

const answer = z.object({ outputs: z.record(z.string(), z.unknown()) });

/** The selected stack's outputs; empty before the first update. Only inside an engine program. Throws where they can not be read. */
export async function ownOutputs(): Promise<Readonly<Record<string, unknown>>> {
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  return answer.parse(await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name })).outputs;
}
