// AWS's stand-in for the lab: a provider on one account's state, in a world that it lowers its networks into.
import { randomBytes } from "node:crypto";
import { generateHostKey } from "../../../world/hostkey.ts";
import { internet } from "../../../world/subnet.ts";
import type { World } from "../../../world/world.ts";
import type { Principal } from "../../cloud/gateway.ts";
import type { RunningDouble, SubstrateDouble } from "../../double.ts";
import { drifts, faults } from "../drifts.ts";
import { newAccount } from "./account.ts";
import { capture } from "./capture.ts";
import { apiFor } from "./gateway.ts";
import { meddle } from "./meddle.ts";
import { settle } from "./neighbours.ts";
import { awsProvider, register, sessionOver } from "./provider.ts";
import type { Account } from "./state.ts";

/** Everything that this substrate brings to the lab. */
export const awsDouble: SubstrateDouble = { provider: awsProvider, drifts, faults, start };

/** The guests of the lab, each of which needs a host key beforehand. */
const guests = ["router1", "router2", "client1", "client2"];

async function start(world: World): Promise<RunningDouble> {
  const account = newAccount(world);
  settle(account);
  const certifier = newLogin();
  const auditor = newLogin();
  using starting = new DisposableStack();
  starting.use(register(certifier["aws:accessKey"], loginOf(certifier, account, "certifier")));
  starting.use(register(auditor["aws:accessKey"], loginOf(auditor, account, "auditor")));
  const registrations = starting.move();
  return {
    shells: [],
    tamper: (host) => {
      throw new Error(`there is no host ${host}`);
    },
    // On the internet everything is one hop away. RFC 5737: TEST-NET-2 stands for where certifiers sit.
    attachment: { segment: internet, address: "198.51.100.10/0" },
    overlay: {
      ...certifier,
      "aws:hostKeys": Object.fromEntries(guests.map((guest) => [guest, generateHostKey().privateKey])),
    },
    readOnly: auditor,
    outsider: sessionOver(apiFor(account, "outsider")),
    meddle: async (requests) => meddle(account, requests),
    capture: async (type, id) => {
      const restore = capture(account, type, id);
      return async () => restore();
    },
    async [Symbol.asyncDispose]() {
      registrations.dispose();
    },
  };
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
