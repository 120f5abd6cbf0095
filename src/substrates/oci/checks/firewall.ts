// The guest's own packet filter: open for what the security list lets in, and with no other rule that rejects than its image's.
import { fail, list, type Outcome, pass, type Sentence, say } from "../../../check/outcome.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import type { Visit } from "../../../probes/guest.ts";
import { asRoot } from "../../../probes/readers/root.ts";
import type { Probe } from "../../../probes/transport.ts";
import { whole } from "../../../probes/whole.ts";
import type { CloudGuest } from "../../cloud/topology.ts";
import type { OciConfig } from "../config.ts";
import { openingsOf } from "../metadata.ts";

const probe: Probe = { id: "iptables", argv: asRoot(["iptables-save"]), timeout: 10 };

/** The last rule of either chain in Canonical's images on OCI (/etc/iptables/rules.v4). */
const last = "-j REJECT --reject-with icmp-host-prohibited";

type Asked = { readonly inside: Visit; readonly signal: AbortSignal };

/** g.fw: an opening counts only before the first rule that shuts. */
export async function checkFirewall(
  config: OciConfig,
  guest: CloudGuest,
  { inside, signal }: Asked,
): Promise<Outcome> {
  const { exit, stdout } = whole((await inside.run([probe], signal)).get(probe.id), "the packet filter");
  if (exit !== 0) throw new Unreadable("unparsable", "the packet filter");
  const rules = stdout.split("\n").map(plain);
  const missing = openingsOf(config, guest).filter((opening) => !isOpen(rules, opening));
  const image = outward(rules);
  const strange = rules.filter(
    (rule) =>
      /-j (DROP|REJECT)|^:(INPUT|FORWARD) DROP/.test(rule) &&
      !rule.endsWith(` ${last}`) &&
      !image.some((chain) => rule.startsWith(`-A ${chain} `)),
  );
  const wrong: Sentence[] = [
    missing.length === 0 ? [] : say`${missing.length} openings missing`,
    strange.length === 0 ? [] : say`${strange.length} rules that shut and are not the image's`,
  ].flat();
  return wrong.length === 0
    ? pass(say`the packet filter of ${guest.name} lets in what the security list does`)
    : fail(say`the packet filter of ${guest.name}: ${list(wrong)}`);
}

/** Chains for what goes out to the metadata service and its disks alone, of which the images have one: InstanceServices. */
function outward(rules: readonly string[]): readonly string[] {
  const jump = /^-A OUTPUT -d 169\.254\.0\.0\/16 -j (?!DROP$|REJECT$)(\w+)$/;
  return rules.flatMap((rule) => jump.exec(rule)?.[1] ?? []);
}

/** Without the names of modules, which iptables-save(8) puts in by itself. */
function plain(line: string): string {
  return line.replace(/ -m (tcp|udp|icmp)\b/g, "");
}

function isOpen(rules: readonly string[], opening: string): boolean {
  const [chain = ""] = opening.split(" ");
  const own = rules.filter((rule) => rule.startsWith(`-A ${chain} `));
  const shut = own.findIndex((rule) => rule.includes("-j REJECT") || rule.includes("-j DROP"));
  const at = own.indexOf(`-A ${opening}`);
  return at >= 0 && (shut < 0 || at < shut);
}
