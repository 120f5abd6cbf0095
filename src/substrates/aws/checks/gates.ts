// The gates: is it the expected account, and can its region and zone be used.
import { z } from "zod";
import type { Check } from "../../../check/check.ts";
import { fail, impostor, pass, say } from "../../../check/outcome.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import type { Scene } from "../scene.ts";

/** The last gate: what every other AWS check waits for. */
export const gate = "aws.regions";

const caller = z.object({ accountId: z.string(), arn: z.string() });
const region = z.object({ region: z.string() });
const regions = z.object({
  regions: z.array(z.object({ regionName: z.string(), regionOptStatus: z.string() })),
});
const zones = z.object({ names: z.array(z.string()), zoneIds: z.array(z.string()) });

/** aws.identity → aws.regions */
export function gateChecks(scene: Scene): readonly Check[] {
  return [
    { id: "aws.identity", after: [], deadline: 90_000, observe: (signal) => checkIdentity(scene, signal) },
    { id: gate, after: ["aws.identity"], deadline: 60_000, observe: (signal) => checkZone(scene, signal) },
  ];
}

async function checkIdentity({ config, functions, seen }: Scene, signal: AbortSignal) {
  const token = "aws:index/getCallerIdentity:getCallerIdentity";
  const found = await functions.ask({ token, args: {}, model: caller }, signal).catch(refusedAccount);
  if (found === undefined || found.accountId !== config.account)
    return impostor(say`the credentials are of another account than the expected one`);
  seen.note("account", found.accountId);
  return found.arn.startsWith(config.caller ?? "")
    ? pass(say`the credentials are of the expected account`)
    : fail(say`the credentials are of the expected account, and of another caller than the declared one`);
}

/** The plugin asks for itself first, and takes no work in an account that is not allowed (aws-sdk-go-base, aws_config.go). */
function refusedAccount(error: unknown): undefined {
  if (error instanceof Unreadable && /AWS account ID (not allowed|forbidden)/.test(error.message)) return;
  throw error;
}

/** Names of zones are each account's own: the id tells whether it is the one that is meant. */
async function checkZone({ config, functions, seen }: Scene, signal: AbortSignal) {
  const used = await functions.ask(
    { token: "aws:index/getRegion:getRegion", args: {}, model: region },
    signal,
  );
  const listed = { token: "aws:account/getRegions:getRegions", args: {}, model: regions };
  const enabled = (await functions.ask(listed, signal)).regions.some(
    ({ regionName, regionOptStatus }) =>
      regionName === config.region && regionOptStatus.startsWith("ENABLED"),
  );
  const token = "aws:index/getAvailabilityZones:getAvailabilityZones";
  const found = await functions.ask({ token, args: { state: "available" }, model: zones }, signal);
  const id = found.zoneIds[found.names.indexOf(config.zone.name)];
  seen.note("zone", id);
  if (used.region !== config.region)
    return fail(say`the provider works in another region than the declared one`);
  if (!enabled) return fail(say`the account has not opted in to the region`);
  if (id === undefined) return fail(say`the declared zone can not be used`);
  return id === config.zone.id
    ? pass(say`region and zone can be used: ${found.names.length} zones are available`)
    : fail(say`the declared zone is another one in this account`);
}
