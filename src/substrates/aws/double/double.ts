// AWS's stand-in for the lab: a provider on one account's state, in a world that it lowers its networks into.
import { randomBytes } from "node:crypto";
import type { World } from "../../../world/world.ts";
import { runningCloud } from "../../cloud/double.ts";
import type { Principal } from "../../cloud/gateway.ts";
import type { RunningDouble, SubstrateDouble } from "../../double.ts";
import { drifts, faults } from "../drifts.ts";
import { immaterial } from "../immaterial.ts";
import { newAccount } from "./account.ts";
import { ways } from "./capture.ts";
import { apiFor } from "./gateway.ts";
import { lower } from "./lower.ts";
import { actions } from "./meddle.ts";
import { settle } from "./neighbours.ts";
import { awsProvider, register, sessionOver } from "./provider.ts";
import type { Account } from "./state.ts";

/** Everything that this substrate brings to the lab. */
export const awsDouble: SubstrateDouble = { provider: awsProvider, drifts, faults, immaterial, start };

async function start(world: World): Promise<RunningDouble> {
  const account = newAccount(world);
  settle(account);
  const certifier = newLogin();
  const auditor = newLogin();
  await using starting = new AsyncDisposableStack();
  starting.use(register(certifier["aws:accessKey"], loginOf(certifier, account, "certifier")));
  starting.use(register(auditor["aws:accessKey"], loginOf(auditor, account, "auditor")));
  return runningCloud({
    ...{ own: "aws", account, actions, ways, lower },
    overlay: certifier,
    readOnly: auditor,
    outsider: sessionOver(apiFor(account, "outsider")),
    started: starting.move(),
  });
}

/** An access key and its secret, as stack config has them. */
function newLogin() {
  return {
    "aws:accessKey": `AKIA${randomBytes(8).toString("hex").toUpperCase()}`,
    "aws:secretKey": randomBytes(20).toString("hex"),
  };
}

function loginOf(
  { "aws:secretKey": secretKey }: ReturnType<typeof newLogin>,
  account: Account,
  principal: Principal,
) {
  return { secretKey, account, principal };
}
