// The firewall options of a VM set as declared: once PVE has dropped them, the engine keeps its last known ones.
import { z } from "zod";
import { list, say } from "../../../check/outcome.ts";
import type { Mended } from "../../substrate.ts";
import type { Api } from "../api.ts";
import { pathOf } from "../checks/machines.ts";
import type { PveConfig } from "../config.ts";
import { carryOut } from "../task.ts";
import type { Guest } from "../topology.ts";

const options = z.record(z.string(), z.unknown());

/** Sets the declared options; none where they are all there already. */
export async function mendOptions(
  config: PveConfig,
  guest: Guest,
  { api, signal }: { readonly api: Api; readonly signal: AbortSignal },
): Promise<Mended | undefined> {
  const path = `${pathOf(guest)}/firewall/options`;
  const found = await api.get(path, options, signal);
  const declared = declaredOptions(config);
  const differing = declared.filter(({ key, value }) => String(found[key] ?? "") !== String(value));
  if (differing.length === 0) return undefined;
  const fields = Object.fromEntries(declared.map(({ key, value }) => [key, value]));
  await carryOut(api, `PUT ${path}`, signal, fields);
  return { action: say`set ${list(differing.map(({ property }) => property))}`, renewed: [] };
}

/** As declare.ts has them, in PVE's words; what is not declared is left as it is. */
function declaredOptions({ firewall }: PveConfig) {
  return [
    { property: "enabled", key: "enable", value: 1 },
    { property: "inputPolicy", key: "policy_in", value: firewall.input },
    { property: "outputPolicy", key: "policy_out", value: "ACCEPT" },
    { property: "dhcp", key: "dhcp", value: 1 },
    { property: "macfilter", key: "macfilter", value: 1 },
  ] as const;
}
