// Our own qualification command: the product's checks on all endpoints of the plan. Exit 0: all pass, 1: one fails, 3: blocked.
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { readConfig } from "../../engine/config.ts";
import { stackOf } from "../../environment/stack.ts";
import { writeWhole } from "../../manifest/file.ts";
import { worst } from "../../manifest/status.ts";
import { plan as planModel } from "../plan.ts";
import { tryProduct } from "../product.ts";
import { loginOf } from "../watch.ts";
import { checkOf } from "../whole.ts";
import { asking, told } from "./told.ts";

const { values } = parseArgs({
  options: {
    certification: { type: "string", multiple: true },
    release: { type: "string" },
    out: { type: "string" },
    heartbeat: { type: "string" },
  },
});
const { out } = values;
if (out === undefined) throw new TypeError("--out is missing");
const signal = new AbortController().signal;
const plan = planModel.parse(JSON.parse(await readFile(told("plan"), "utf8")));

const found = await Promise.all(
  told("providers")
    .split(",")
    .map(async (provider) => {
      const stack = stackOf({ environment: plan.environment, substrate: provider });
      const config = await readConfig(stack, asking(signal));
      const answers = await tryProduct(
        {
          patience: plan.patience,
          endpoints: plan.endpoints.filter((one) => one.provider === provider),
          flows: plan.flows.filter((one) => one.provider === provider),
        },
        loginOf({ config, stack }),
        signal,
      );
      return answers.map((answer) => checkOf(answer, provider));
    }),
);
const checks = found.flat();
const verdict = worst(checks.map(({ result }) => result));
await writeWhole(out, `${JSON.stringify({ status: verdict, checks }, undefined, 2)}\n`, {
  subject: "--out",
  secluded: true,
});
process.exitCode = { pass: 0, fail: 1, blocked: 3 }[verdict];
