// Azure's stand-in for the lab: a provider and a resource manager on one subscription's state, lowered into a world.
import { randomBytes } from "node:crypto";
import type { World } from "../../../world/world.ts";
import { runningCloud } from "../../cloud/double.ts";
import type { Principal } from "../../cloud/gateway.ts";
import type { RunningDouble, SubstrateDouble } from "../../double.ts";
import { newAuthority } from "../../farend/authority.ts";
import { drifts, faults } from "../drifts.ts";
import { immaterial } from "../immaterial.ts";
import { ResourceManager } from "./arm.ts";
import { ways } from "./capture.ts";
import { apiFor, type Identity } from "./gateway.ts";
import { lower } from "./lower.ts";
import { actions } from "./meddle.ts";
import { settle } from "./neighbours.ts";
import { azureProvider, register, sessionOver } from "./provider.ts";
import { serve } from "./server.ts";
import type { Subscription } from "./state.ts";
import { newSubscription } from "./subscription.ts";

/** Everything that this substrate brings to the lab. */
export const azureDouble: SubstrateDouble = { provider: azureProvider, drifts, faults, immaterial, start };

async function start(world: World): Promise<RunningDouble> {
  const subscription = newSubscription(world);
  settle(subscription);
  const authority = await newAuthority("Lab Azure Resource Manager CA");
  const [certifier, auditor, outsider] = (["certifier", "auditor", "outsider"] as const).map(newLogin);
  if (certifier === undefined || auditor === undefined || outsider === undefined)
    throw new TypeError("unreachable: three logins for three principals");
  await using starting = new AsyncDisposableStack();
  for (const login of [certifier, auditor]) starting.use(registered(login, subscription));
  const callers = [certifier, auditor].map(({ identity }) => apiFor(subscription, identity));
  const manager = new ResourceManager(subscription, callers);
  const server = starting.use(await serve(world, manager, await authority.issue("management.azure.com")));
  return runningCloud({
    ...{ own: "azure", account: subscription, actions, ways, lower },
    overlay: {
      ...overlayOf(certifier),
      "azure:endpoint": `https://127.0.0.1:${server.port}`,
      "azure:ca": authority.certificate,
    },
    readOnly: overlayOf(auditor),
    outsider: sessionOver(apiFor(subscription, outsider.identity)),
    started: starting.move(),
  });
}

type Login = { readonly identity: Identity; readonly secret: string };

/** A service principal, as the directory makes them. */
function newLogin(principal: Principal, index: number): Login {
  const secret = randomBytes(20).toString("hex");
  const clientId = `00001111-aaaa-2222-bbbb-3333cccc${(0x4440 + index).toString(16)}`;
  const objectId = `aaaaaaaa-0000-1111-2222-bbbbbbbb${(0xbbb0 + index).toString(16)}`;
  return {
    secret,
    identity: { principal, clientId, objectId, token: randomBytes(32).toString("base64url") },
  };
}

function registered({ identity, secret }: Login, subscription: Subscription): Disposable {
  return register(identity.clientId, { secret, subscription, identity });
}

function overlayOf({ identity, secret }: Login) {
  return { "azure:clientId": identity.clientId, "azure:clientSecret": secret };
}
