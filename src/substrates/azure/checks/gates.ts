// The gates: is it the expected subscription in the expected tenant, and can its location be used.
import { z } from "zod";
import type { Check } from "../../../check/check.ts";
import { fail, impostor, list, type Outcome, pass, type Sentence, say } from "../../../check/outcome.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import type { Scene } from "../scene.ts";

/** The last gate: what every other Azure check waits for. */
export const gate = "azure.regions";

const client = z.object({ subscriptionId: z.string(), tenantId: z.string(), objectId: z.string() });
const subscription = z.object({ subscriptionId: z.string(), tenantId: z.string(), state: z.string() });
const location = z.object({
  name: z.string(),
  availabilityZoneMappings: z
    .array(z.object({ logicalZone: z.string(), physicalZone: z.string() }))
    .optional(),
});
const registration = z.object({ registrationState: z.string() });

/** azure.identity → azure.regions */
export function gateChecks(scene: Scene): readonly Check[] {
  return [
    { id: "azure.identity", after: [], deadline: 90_000, observe: (signal) => checkIdentity(scene, signal) },
    {
      id: gate,
      after: ["azure.identity"],
      deadline: 60_000,
      observe: (signal) => checkLocation(scene, signal),
    },
  ];
}

/** What the provider says of itself is what it was told; what the subscriptions' list says is the proof. */
async function checkIdentity({ config, functions, arm, seen }: Scene, signal: AbortSignal): Promise<Outcome> {
  const token = "azure-native:authorization:getClientConfig";
  const told = await functions.ask({ token, args: {}, model: client }, signal);
  const all = await arm.list({ path: "/subscriptions", version: "2022-12-01", model: subscription }, signal);
  const own = all.find(({ subscriptionId }) => subscriptionId === config.subscription);
  seen.note("subscription", own);
  if (told.subscriptionId !== config.subscription)
    return impostor(say`the provider works in another subscription than the expected one`);
  // The list leaves out silently what the principal has no role in.
  if (own === undefined && told.tenantId === config.tenant)
    throw new Unreadable("forbidden", "no role in the subscription");
  if (own === undefined) return impostor(say`the credentials do not see the expected subscription`);
  if (own.tenantId !== config.tenant || told.tenantId !== config.tenant)
    return impostor(say`the subscription is in another tenant than the expected one`);
  if (own.state !== "Enabled") return fail(say`the subscription is not enabled`);
  return config.principal === undefined || told.objectId === config.principal
    ? pass(say`the credentials are of the expected subscription and tenant`)
    : fail(
        say`the credentials are of the expected subscription, and of another principal than the declared one`,
      );
}

async function checkLocation(scene: Scene, signal: AbortSignal): Promise<Outcome> {
  const { config, arm, subscription: path, seen } = scene;
  const locations = await arm.list(
    { path: `${path}/locations`, version: "2022-12-01", model: location },
    signal,
  );
  const found = locations.find(({ name }) => name === config.location);
  const unregistered = await unregisteredIn(scene, signal);
  const zone = found?.availabilityZoneMappings?.find(({ logicalZone }) => logicalZone === config.zone);
  seen.note("location", { location: found?.name, zone: zone?.physicalZone });
  const wrong: Sentence[] = [
    found === undefined ? say`the subscription can not use the declared location` : [],
    config.zone === undefined || zone !== undefined ? [] : say`the location has no such zone`,
    unregistered.length === 0 ? [] : say`resource providers that are not registered: ${list(unregistered)}`,
  ].flat();
  return wrong.length === 0
    ? pass(say`the location can be used: ${locations.length} are there for the subscription`)
    : fail(list(wrong, "; "));
}

/** Without them Azure answers as if nothing were there. */
async function unregisteredIn({ arm, subscription: path }: Scene, signal: AbortSignal) {
  const needed = ["Microsoft.Compute", "Microsoft.Network"] as const;
  const states = await Promise.all(
    needed.map(async (namespace) => {
      const question = { path: `${path}/providers/${namespace}`, version: "2021-04-01", model: registration };
      return (await arm.find(question, signal))?.registrationState;
    }),
  );
  return needed.filter((_, index) => states[index] !== "Registered");
}
