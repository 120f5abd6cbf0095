// Our own qualification command: the product's checks on all endpoints of the plan. Exit 0: all pass, 1: one fails, 3: blocked.
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { readConfig } from "../../engine/config.ts";
import { stackOf } from "../../environment/stack.ts";
import { writeWhole } from "../../manifest/file.ts";
import { worst } from "../../manifest/status.ts";
import { type Plan, plan as planModel } from "../plan.ts";
import { tryProduct } from "../product.ts";
import type { ResultCheck } from "../result.ts";
import { loginOf } from "../watch.ts";
import { checkOf } from "../whole.ts";
import { asking, concluding, told } from "./told.ts";

const { values } = parseArgs({
  options: {
    certification: { type: "string", multiple: true },
    release: { type: "string" },
    out: { type: "string" },
    heartbeat: { type: "string" },
  },
});

await concluding(async () => {
  const { out } = values;
  if (out === undefined) throw new TypeError("--out is missing");
  const signal = new AbortController().signal;
  const plan = planModel.parse(JSON.parse(await readFile(told("plan"), "utf8")));
  const providers = told("providers").split(",");
  const found = await Promise.all(providers.map((provider) => tryProvider(plan, provider, signal)));
  const checks = found.flat();
  const results = checks.map(({ result }) => result);
  await writeWhole(out, `${JSON.stringify({ status: worst(results), checks }, undefined, 2)}\n`, {
    subject: "--out",
    secluded: true,
  });
  return results;
});

async function tryProvider(
  { environment, patience, endpoints, flows }: Plan,
  provider: string,
  signal: AbortSignal,
): Promise<readonly ResultCheck[]> {
  const stack = stackOf({ environment, substrate: provider });
  const config = await readConfig(stack, asking(signal));
  const own = <Of extends { readonly provider: string }>(all: readonly Of[]) =>
    all.filter((one) => one.provider === provider);
  const plan = { patience, endpoints: own(endpoints), flows: own(flows) };
  const answers = await tryProduct(plan, loginOf({ config, stack }), signal);
  return answers.map((answer) => checkOf(answer, provider));
}
