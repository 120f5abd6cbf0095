// An AWS stack's config, parsed and with every reference resolved: the door of this substrate.
import { type Common, common } from "../../environment/common.ts";
import { Problem } from "../../environment/problem.ts";
import { parseSection, type RawConfig } from "../../environment/section.ts";
import { addressOf, contains } from "../../world/address.ts";
import { type CloudTopology, resolveCloud } from "../cloud/topology.ts";
import { type Responders, userDataOf } from "../cloud/userdata.ts";
import { type AwsSection, section } from "./section.ts";

/** Everything that an AWS stack is configured with, all references resolved. */
export type AwsConfig = Omit<AwsSection, "guests" | "hostKeys" | "flows"> &
  CloudTopology & { readonly common: Common };

/** Bytes of user data before base64 that an instance takes (EC2 User Guide, "Run commands when you launch"). */
const mostUserData = 16_384;

/** Parses the `substrate:` and `aws:` sections. Throws `Problem` naming file, key and expectation. */
export function parseAws(raw: RawConfig, origin: string): AwsConfig {
  const { hostKeys, ...parsed } = parseSection(raw, "aws", { model: section, origin });
  const { network, responders } = parsed;
  const where = `${origin} aws:`;
  if (!contains(network.cidr, addressOf(network.subnet)))
    throw refused(`${where}network.subnet`, "a part of network.cidr");
  const topology = resolveCloud({ ...parsed, hostKeys }, network.subnet, where);
  refuseLong(topology, responders, where);
  return { ...parsed, ...topology, common: parseSection(raw, "substrate", { model: common, origin }) };
}

function refuseLong({ guests }: CloudTopology, responders: Responders, where: string): void {
  const long = guests.find((guest) => Buffer.byteLength(userDataOf(guest, responders)) > mostUserData);
  if (long !== undefined)
    throw refused(`${where}guests.${long.name}`, `user data of at most ${mostUserData} bytes`);
}

function refused(subject: string, expected: string): Problem {
  return new Problem({ subject, expected, remedy: "correct the stack config" });
}
