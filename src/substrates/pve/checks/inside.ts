// What guests tell from inside: their addresses, the medium in their drive, and what they made of it.
import { createHash } from "node:crypto";
import type { Check } from "../../../check/check.ts";
import { fail, list, type Outcome, pass, say } from "../../../check/outcome.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import type { Name } from "../../../environment/name.ts";
import type { Visit } from "../../../probes/guest.ts";
import { addressProbe, judgeAddresses } from "../../../probes/readers/address.ts";
import {
  instanceProbe,
  readInstance,
  readUserData,
  userDataProbe,
} from "../../../probes/readers/identity.ts";
import { demandRoot, rootProbe } from "../../../probes/readers/root.ts";
import { readSeed, type SeedMedium, seedProbe } from "../../../probes/readers/seed.ts";
import type { Api } from "../api.ts";
import type { PveConfig } from "../config.ts";
import { readTold, type Told } from "../told.ts";
import { wholePacket } from "../topology.ts";

/** What the session to a guest is opened with. */
export const insideGreeting = [rootProbe, addressProbe, seedProbe, instanceProbe, userDataProbe];

type Parts = { readonly api: Api; readonly visit: (name: Name) => Visit };

/** pve.ci.readable, pve.ci.fresh, g.addr, g.instanceid and g.userdata for each guest. */
export function insideChecks(config: PveConfig, { api, visit }: Parts): readonly Check[] {
  return config.guests.flatMap((guest) => {
    const { name } = guest;
    const about = { target: name, after: [`g.ssh@${name}`] as const, deadline: 15_000 };
    const inside = visit(name);
    const told = (signal: AbortSignal) => readTold(config, guest, { api, signal });
    return [
      {
        ...about,
        id: "g.addr",
        observe: async () => judgeOwnAddresses(config, name, visit),
      },
      {
        ...about,
        id: "pve.ci.readable",
        observe: async (signal) => judgeMedium(name, mediumIn(inside), await told(signal)),
      },
      { ...about, id: "pve.ci.fresh", observe: async () => judgeFreshness(name, inside) },
      { ...about, id: "g.userdata", observe: async () => judgeUserData(name, inside) },
      {
        ...about,
        id: "g.instanceid",
        observe: async (signal) => judgeInstance(name, inside, await told(signal)),
      },
    ] satisfies readonly Check[];
  });
}

/** Whether a guest has the addresses that are declared for it, as it tells itself. Throws `Unreadable`. */
export function judgeOwnAddresses(config: PveConfig, guest: Name, visit: Parts["visit"]): Outcome {
  const nics = config.guests.find(({ name }) => name === guest)?.nics ?? [];
  const wanted = { addresses: nics.map(({ address }) => address), mtu: wholePacket(config) };
  return judgeAddresses(visit(guest).greeted(addressProbe), guest, wanted);
}

function mediumIn(inside: Visit): SeedMedium | "broken" {
  demandRoot(inside.greeted(rootProbe));
  return readSeed(inside.greeted(seedProbe));
}

/** A medium to compare with; where it can not be read, pve.ci.readable says so. */
function readableIn(inside: Visit): SeedMedium {
  const medium = mediumIn(inside);
  if (medium === "broken") throw new Unreadable("no-expectation", "the seed medium can not be read");
  return medium;
}

function judgeMedium(guest: Name, medium: SeedMedium | "broken", told: Told): Outcome {
  if (medium === "broken") return fail(say`${guest} can not read its config drive`);
  if (told.undeclared > 0)
    return fail(say`the config drive of ${guest} is made from other settings than the declared ones`);
  const files = { ...told.files, "vendor-data": "" };
  const wrong = [
    medium.digests["user-data"] === digestOf(files["user-data"]) ? [] : say`user data`,
    medium.digests["network-config"] === digestOf(files["network-config"]) ? [] : say`network config`,
    medium.digests["meta-data"] === digestOf(files["meta-data"]) ? [] : say`metadata`,
    medium.digests["vendor-data"] === digestOf(files["vendor-data"]) ? [] : say`vendor data`,
  ].flat();
  return wrong.length === 0
    ? pass(say`${guest} reads 4 of 4 files on its config drive as its settings give them`)
    : fail(say`the config drive of ${guest} differs from its settings in ${list(wrong)}`);
}

function judgeFreshness(guest: Name, inside: Visit): Outcome {
  const { instanceId } = readableIn(inside);
  return instanceId === readInstance(inside.greeted(instanceProbe))
    ? pass(say`${guest} has applied the config drive that it has now`)
    : fail(say`${guest} has applied another config drive than it has now`);
}

function judgeUserData(guest: Name, inside: Visit): Outcome {
  const { digests } = readableIn(inside);
  return readUserData(inside.greeted(userDataProbe)) === digests["user-data"]
    ? pass(say`${guest} was given the user data on its config drive`)
    : fail(say`${guest} was given other user data than is on its config drive`);
}

function judgeInstance(guest: Name, inside: Visit, { instanceId }: Told): Outcome {
  return readInstance(inside.greeted(instanceProbe)) === instanceId
    ? pass(say`${guest} is the instance that its settings make`)
    : fail(say`${guest} is another instance than its settings make`);
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
