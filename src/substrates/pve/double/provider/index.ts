// The double of the proxmoxve plugin: the resource types and functions that our programs use, spoken to PVE's REST API.
import { z } from "zod";
import type { Properties, ProviderDouble, ProviderSession, ResourceDouble } from "../../../double.ts";
import { bridge } from "./bridge.ts";
import { file } from "./file.ts";
import { functions } from "./functions.ts";
import { options } from "./options.ts";
import { pool } from "./pool.ts";
import { httpsTransport, Rest, type Transport } from "./rest.ts";
import { rules } from "./rules.ts";
import { vm } from "./vm/vm.ts";

const types: Readonly<Record<string, (rest: Rest) => ResourceDouble>> = {
  "proxmoxve:download/file:File": file,
  "proxmoxve:firewall/optionsLegacy:OptionsLegacy": options,
  "proxmoxve:firewall/rulesLegacy:RulesLegacy": rules,
  "proxmoxve:index/poolLegacy:PoolLegacy": pool,
  "proxmoxve:index/vmLegacy:VmLegacy": vm,
  "proxmoxve:network/linux/bridge:Bridge": bridge,
};

// Provider properties that are no strings come as JSON text.
const config = z.object({
  endpoint: z.url(),
  apiToken: z.string(),
  insecure: z.union([z.boolean(), z.stringbool()]).default(false),
});

/** The plugin that `@muhlba91/pulumi-proxmoxve` in package.json asks for. */
export const proxmoxveProvider: ProviderDouble = {
  plugin: "proxmoxve",
  version: "8.6.0",
  configure: (properties: Properties) => sessionOver(httpsTransport(config.parse(properties))),
};

/** A configured provider over any transport. */
export function sessionOver(transport: Transport): ProviderSession {
  const rest = new Rest(transport);
  return {
    resource(type) {
      const make = types[type];
      if (make === undefined) throw new Error(`proxmoxve: unknown resource type ${type}`);
      return make(rest);
    },
    async invoke(token, _args, signal) {
      const answer = functions[token];
      if (answer === undefined) throw new Error(`proxmoxve: unknown function ${token}`);
      return answer(rest, signal);
    },
  };
}
