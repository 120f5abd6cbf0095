// An Azure stack's config, parsed and with every reference resolved: the door of this substrate.
import { type Common, common } from "../../environment/common.ts";
import { Problem } from "../../environment/problem.ts";
import { parseSection, type RawConfig } from "../../environment/section.ts";
import { addressOf, contains, networkOf as networkAround, prefixOf } from "../../world/address.ts";
import { type CloudTopology, resolveCloud } from "../cloud/topology.ts";
import { userDataOf } from "../cloud/userdata.ts";
import { titleOf } from "./names.ts";
import { mostRules, ruleNameOf } from "./rules.ts";
import { type AzureSection, section } from "./section.ts";
import { mostCustomData } from "./userdata.ts";

/** Everything that an Azure stack is configured with, all references resolved. */
export type AzureConfig = Omit<AzureSection, "guests" | "hostKeys" | "flows"> &
  CloudTopology & { readonly common: Common };

/** Characters of a virtual machine's name (Azure Resource Manager, "Naming rules"): the tightest limit of all we name. */
const longestName = 64;

/** Login names that Azure refuses (Azure docs, "Linux VM FAQ"). */
const refusedUsers = [
  "admin",
  "administrator",
  "backup",
  "console",
  "guest",
  "root",
  "server",
  "test",
  "user",
];

/** Parses the `substrate:` and `azure:` sections. Throws `Problem` naming file, key and expectation. */
export function parseAzure(raw: RawConfig, origin: string): AzureConfig {
  const { hostKeys, ...parsed } = parseSection(raw, "azure", { model: section, origin });
  const where = `${origin} azure:`;
  const { cidr, subnet } = parsed.network;
  if (!contains(cidr, addressOf(subnet))) throw refused(`${where}network.subnet`, "a part of network.cidr");
  const topology = resolveCloud({ ...parsed, hostKeys }, parsed.network.subnet, where);
  const config = {
    ...parsed,
    ...topology,
    common: parseSection(raw, "substrate", { model: common, origin }),
  };
  for (const [key, expected] of excesses(config)) throw refused(`${where}${key}`, expected);
  return config;
}

/** What Azure would refuse later, by key, with what it expects. */
function excesses(config: AzureConfig): readonly (readonly [string, string])[] {
  const { network, guests, responders, ingress, user } = config;
  const names = ingress.map(ruleNameOf);
  const long = guests.find(({ name }) => titleOf(config, name).length > longestName);
  const loud = guests.find((guest) => Buffer.byteLength(userDataOf(guest, responders)) > mostCustomData);
  const kept = guests.find(({ address }) => isKept(network.subnet, address));
  const refusals: (readonly [string, string] | [])[] = [
    prefixOf(network.subnet) <= 29 ? [] : ["network.subnet", "a network of at least 8 addresses"],
    network.adopt === undefined || network.adopt.startsWith(`/subscriptions/${config.subscription}/`)
      ? []
      : ["network.adopt", "a network of the same subscription"],
    new Set(names).size === names.length
      ? []
      : ["ingress", "rules that differ in more than dashes and spaces"],
    ingress.length <= mostRules ? [] : ["ingress", `at most ${mostRules} rules`],
    refusedUsers.includes(user) ? ["user", "a login name that Azure takes"] : [],
    long === undefined ? [] : [`guests.${long.name}`, `with the prefix at most ${longestName} characters`],
    loud === undefined ? [] : [`guests.${loud.name}`, `user data of at most ${mostCustomData} bytes`],
    kept === undefined ? [] : [`guests.${kept.name}`, "an address that Azure does not keep for itself"],
    (config.clientId === undefined) === (config.clientSecret === undefined)
      ? []
      : ["clientSecret", "a client id and its secret, or neither"],
  ];
  return refusals.flatMap(([key, expected]) =>
    key === undefined || expected === undefined ? [] : [[key, expected] as const],
  );
}

/** The first four of a subnet and its last one (Azure docs, "Virtual network FAQ"). */
function isKept(subnet: string, address: string): boolean {
  const last = (text: string) => text.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
  const offset = last(address) - last(addressOf(networkAround(subnet)));
  return offset < 4 || offset === 2 ** (32 - prefixOf(subnet)) - 1;
}

function refused(subject: string, expected: string): Problem {
  return new Problem({ subject, expected, remedy: "correct the stack config" });
}
