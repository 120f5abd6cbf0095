// Another value of the same kind: what a property could be that somebody has changed.
import { generateHostKey } from "../../../src/world/hostkey.ts";

/** Words that far ends know, each with another of its kind. */
const words: Readonly<Record<string, string | undefined>> = {
  ...{ seabios: "ovmf", virtio: "isa", "virtio-scsi-single": "virtio-scsi-pci", l26: "win11", on: "ignore" },
  ...{ "x86-64-v2-AES": "x86-64-v3", socket: "/dev/ttyS0", nocloud: "configdrive2", io_uring: "native" },
  ...{ none: "writeback", "en-us": "de", ide2: "ide0", ide3: "ide1", nolog: "info", "2-4094": "2-100" },
  ...{ ACCEPT: "DROP", DROP: "ACCEPT", in: "out", tcp: "udp", udp: "tcp", icmp: "tcp", eno2: "eno3" },
  ...{ "-1": "tcp", enabled: "disabled", disabled: "enabled", required: "optional", gp3: "gp2" },
  ...{ Allow: "Deny", Deny: "Allow", Inbound: "Outbound", Tcp: "Udp", Udp: "Tcp", Icmp: "Tcp", "*": "Tcp" },
  ...{ Internet: "None", Disabled: "Enabled", Enabled: "Disabled", Delete: "Detach", Detach: "Delete" },
  ...{ StandardSSD_LRS: "Premium_LRS", Standard_B2s: "Standard_B1s", Static: "Dynamic", IPv4: "IPv6" },
  ...{ "6": "17", "17": "6", all: "6", RUNNING: "STOPPED", "t3.small": "t3.micro", Regional: "Global" },
  ...{ pve1: "pve2", pve2: "pve1", vmbr0: "vmbr1", vmbr1: "vmbr2", true: "false", false: "true" },
  ...{ CIDR_BLOCK: "SERVICE_CIDR_BLOCK" },
};

/** Words that mean something else where they stand: the property's name, and the word. */
const wordsOf: Readonly<Record<string, string | undefined>> = {
  "model virtio": "e1000",
  "fileId none": "cdrom",
  "datastoreId local-lvm": "local",
  "destinationAddressPrefix *": "10.91.1.0/24",
  "sourceAddressPrefix *": "10.91.1.0/24",
  "destinationPortRange *": "22",
  "sourcePortRange *": "1024-65535",
};

/** A value of the same kind that is not the same, for a property of this name. */
export function otherThan(value: unknown, key = ""): unknown {
  if (typeof value === "boolean") return !value;
  if (typeof value === "number") return value === 65_535 || value === 4_096 ? value - 1 : value + 1;
  if (typeof value === "string") return wordsOf[`${key} ${value}`] ?? words[value] ?? otherText(value);
  if (Array.isArray(value)) return value.map((item) => otherThan(item));
  return typeof value === "object" && value !== null ? otherMembers(value, otherThan) : "something";
}

/** One more for a list, like one that it has: another in all but the far end's own words. */
export function anotherLike(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(anotherLike);
  if (typeof value === "object" && value !== null) return otherMembers(value, anotherLike);
  const kept = typeof value === "string" && (words[value] !== undefined || isReference(value));
  return kept || typeof value === "boolean" ? value : otherThan(value);
}

/** The far end's own name for a thing that is there. */
function isReference(text: string): boolean {
  return /^(ocid1\.|[a-z]+-[0-9a-f]{17}$|\/subscriptions\/)/.test(text);
}

function otherMembers(value: object, other: (inner: unknown, key: string) => unknown): unknown {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, other(inner, key)]));
}

/** The key that stands for anybody else's. */
const { publicKey } = generateHostKey();

/** By what the text looks like; the first that fits. */
const kinds: readonly (readonly [RegExp, (text: string) => string])[] = [
  [/^ssh-\S+ /, () => publicKey],
  [/^(?=.{40})[A-Za-z0-9+/]+=*$/, () => Buffer.from("somebody else's").toString("base64")],
  [/^0\.0\.0\.0\/0$/, () => "192.0.2.0/24"],
  [/^\d+(\.\d+){3}\/\d+$/, (text) => text.replace(/^(\d+\.\d+)\.\d+/, (_, head) => `${head}.77`)],
  [/^\d+(\.\d+){3}$/, (text) => text.replace(/\d+$/, (last) => String((Number(last) % 200) + 50))],
  [/^\d{4}-\d\d-\d\dT/, (text) => new Date(Date.parse(text) + 3_600_000).toISOString()],
  [/^\d+$/, (text) => String(Number(text) + 1)],
  [/[0-9a-f]{16}$/, (text) => text.replace(/.$/, (last) => (last === "0" ? "1" : "0"))],
];

function otherText(text: string): string {
  const kind = kinds.find(([pattern]) => pattern.test(text));
  return kind === undefined ? `${text}x` : kind[1](text);
}
