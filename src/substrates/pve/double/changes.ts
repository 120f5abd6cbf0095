// What is staged but not in force, as the unified diff of two /etc/network/interfaces files.
import type { Interface } from "./state.ts";

/** A unified diff with one hunk, or nothing where the two are the same. */
export function changes(live: Iterable<Interface>, staged: Iterable<Interface>): string {
  const [before, after] = [[...live].flatMap(stanza), [...staged].flatMap(stanza)];
  const head = before.findIndex((line, index) => line !== after[index]);
  const start = head === -1 ? before.length : head;
  if (start === before.length && start === after.length) return "";
  const tail = commonTail(before.slice(start), after.slice(start));
  const removed = before.slice(start, before.length - tail);
  const added = after.slice(start, after.length - tail);
  const lines = [
    "--- /etc/network/interfaces",
    "+++ /etc/network/interfaces.new",
    `@@ -${start + 1},${removed.length} +${start + 1},${added.length} @@`,
    ...removed.map((line) => `-${line}`),
    ...added.map((line) => `+${line}`),
  ];
  return `${lines.join("\n")}\n`;
}

function commonTail(before: readonly string[], after: readonly string[]): number {
  const most = Math.min(before.length, after.length);
  let length = 0;
  while (length < most && before.at(-1 - length) === after.at(-1 - length)) length += 1;
  return length;
}

function stanza(one: Interface): string[] {
  const settings = {
    address: one.cidr,
    gateway: one.gateway,
    "bridge-ports": one.type === "bridge" ? one.ports?.join(" ") || "none" : undefined,
    "bridge-vlan-aware": one.vlanAware === 1 ? "yes" : undefined,
    "bridge-vids": one.vlanAware === 1 ? (one.vids ?? "2-4094") : undefined,
    mtu: one.mtu,
  };
  return [
    ...(one.autostart === 1 ? [`auto ${one.iface}`] : []),
    `iface ${one.iface} inet ${one.cidr === undefined ? "manual" : "static"}`,
    ...Object.entries(settings).flatMap(([key, value]) => (value === undefined ? [] : [`\t${key} ${value}`])),
    ...(one.comments === undefined ? [] : [`#${one.comments}`]),
    "",
  ];
}
