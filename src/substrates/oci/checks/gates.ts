// The gates: is it the expected tenancy, and can its region and domains be used.
import { z } from "zod";
import type { Check } from "../../../check/check.ts";
import { fail, impostor, list, pass, type Sentence, say } from "../../../check/outcome.ts";
import type { Scene } from "../scene.ts";
import { loadClient } from "../search.ts";

/** The last gate: what every other OCI check waits for. */
export const gate = "oci.regions";

const namespace = z.object({ namespace: z.string() });
const tenancy = z.object({ id: z.string(), name: z.string() });
const user = z.object({ state: z.string(), compartmentId: z.string() });
const compartment = z.object({ name: z.string(), state: z.string() });
const subscriptions = z.object({
  regionSubscriptions: z.array(z.object({ regionName: z.string(), state: z.string() })),
});
const domains = z.object({ availabilityDomains: z.array(z.object({ name: z.string() })) });
const faultDomains = z.object({ faultDomains: z.array(z.object({ name: z.string() })) });

/** oci.identity → oci.regions */
export function gateChecks(scene: Scene): readonly Check[] {
  return [
    { id: "oci.identity", after: [], deadline: 90_000, observe: (signal) => checkIdentity(scene, signal) },
    { id: gate, after: ["oci.identity"], deadline: 60_000, observe: (signal) => checkDomains(scene, signal) },
  ];
}

/** Nothing tells who the caller is; but the object storage's namespace is that of the caller's own tenancy. */
async function checkIdentity({ config, functions, seen }: Scene, signal: AbortSignal) {
  const token = "oci:ObjectStorage/getNamespace:getNamespace";
  const [own] = await Promise.all([
    functions.ask({ token, args: {}, model: namespace }, signal),
    // Nobody waits for anything else yet.
    loadClient(),
  ]);
  if (own.namespace !== config.tenancy.namespace)
    return impostor(say`the credentials are of another tenancy than the expected one`);
  const [whole, part, caller] = await Promise.all([
    functions.ask(
      {
        token: "oci:Identity/getTenancy:getTenancy",
        args: { tenancyId: config.tenancy.id },
        model: tenancy,
      },
      signal,
    ),
    functions.ask(
      {
        token: "oci:Identity/getCompartment:getCompartment",
        args: { id: config.compartment.id },
        model: compartment,
      },
      signal,
    ),
    config.caller === undefined
      ? undefined
      : functions.ask(
          { token: "oci:Identity/getUser:getUser", args: { userId: config.caller }, model: user },
          signal,
        ),
  ]);
  seen.note("tenancy", whole.id);
  const wrong: Sentence[] = [
    whole.name === config.tenancy.name ? [] : say`the tenancy's name`,
    part.name === config.compartment.name ? [] : say`the compartment's name`,
    part.state === "ACTIVE" ? [] : say`the compartment's state`,
    caller === undefined || caller.state === "ACTIVE" ? [] : say`the caller's state`,
  ].flat();
  return wrong.length === 0
    ? pass(say`the credentials are of the expected tenancy, and its compartment is active`)
    : fail(say`the credentials are of the expected tenancy; these differ: ${list(wrong)}`);
}

async function checkDomains({ config, functions }: Scene, signal: AbortSignal) {
  const tenancyId = config.tenancy.id;
  const subscribed = {
    token: "oci:Identity/getRegionSubscriptions:getRegionSubscriptions",
    args: { tenancyId },
    model: subscriptions,
  };
  const { regionSubscriptions } = await functions.ask(subscribed, signal);
  const region = regionSubscriptions.find(({ regionName }) => regionName === config.region);
  if (region?.state !== "READY") return fail(say`the tenancy has not subscribed to the region`);
  const token = "oci:Identity/getAvailabilityDomains:getAvailabilityDomains";
  const offered = await functions.ask({ token, args: { compartmentId: tenancyId }, model: domains }, signal);
  if (!offered.availabilityDomains.some(({ name }) => name === config.domain))
    return fail(say`the declared availability domain can not be used`);
  const asked = {
    token: "oci:Identity/getFaultDomains:getFaultDomains",
    args: { compartmentId: tenancyId, availabilityDomain: config.domain },
    model: faultDomains,
  };
  const within = (await functions.ask(asked, signal)).faultDomains;
  return within.some(({ name }) => name === config.faultDomain)
    ? pass(say`region, availability domain and fault domain can be used`)
    : fail(say`the declared fault domain can not be used`);
}
