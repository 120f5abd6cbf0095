// The parts of stack config that every cloud's section has: guests, rules, responders and flows.
import { z } from "zod";
import { name } from "../../environment/name.ts";
import { secret } from "../../environment/secret.ts";
import { ceiling } from "./ceiling.ts";

const byte = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";

/** `10.90.0.0/16` */
export const cidr = z
  .string()
  .regex(new RegExp(`^${byte}(\\.${byte}){3}/(3[0-2]|[12]?\\d)$`), "a network such as 10.90.0.0/16");

const port = z.number().int().min(1).max(65535);

/** A name that resources carry in the provider's console; short enough for every provider's limits with what follows it. */
const prefix = z
  .string()
  .regex(/^[a-z][a-z0-9-]{2,29}$/, "a prefix for names: 3 to 30 of a-z, 0-9 and -, beginning with a letter");

/** A guest: its role in the topology and its address inside. */
const cloudGuest = z.strictObject({ role: name, address: z.ipv4() });

/** What may come in; a rule without `port` is for all ports, `inside` means whoever is under the same rules. */
const cloudRule = z
  .strictObject({
    /** Unique: it tells rules apart. */
    about: z.string().regex(/^[a-z][a-z0-9 -]{0,59}$/, "a few plain words that tell what it is for"),
    protocol: z.enum(["any", "tcp", "udp", "icmp"]),
    port: port.optional(),
    from: z.union([z.literal("inside"), z.array(cidr).min(1)]),
  })
  .refine(
    (rule) => rule.port === undefined || ["tcp", "udp"].includes(rule.protocol),
    "no port for this protocol",
  );

/** A guest, or an endpoint of another substrate, which its stack config must give a public address. */
const flowEnd = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,39}(\/[a-z][a-z0-9-]{0,39})?$/,
    "a guest, or <substrate>/<endpoint> for one of another substrate",
  );

/** What is tried from inside a guest, and whether it must work. */
const cloudFlow = z
  .strictObject({
    from: flowEnd,
    to: flowEnd,
    /** By which of the target's addresses. */
    at: z.enum(["private", "public"]).default("private"),
    protocol: z.enum(["icmp", "tcp", "udp"]),
    port: port.optional(),
    works: z.boolean().default(true),
  })
  .refine(
    (flow) => (flow.protocol === "icmp") === (flow.port === undefined),
    "a port for tcp and udp, none for icmp",
  )
  .refine((flow) => !(isAbroad(flow.from) && isAbroad(flow.to)), "a flow that begins or ends here")
  .refine(
    (flow) => flow.at === "public" || !(isAbroad(flow.from) || isAbroad(flow.to)),
    "`at: public` for a flow from or to another substrate",
  );

/** The keys that every cloud's section has. */
export const cloudKeys = {
  prefix,
  /** Login name of the image's own account; its key is the public half of substrate:sshKey. */
  user: z.string().regex(/^[a-z][a-z0-9_-]{0,30}$/, "a login name"),
  guests: z.record(name, cloudGuest),
  /** By guest: OpenSSH private key (ed25519) that its SSH server shows, given to it at its first boot. */
  hostKeys: z.record(name, secret),
  /** Roles whose guests pass packets on: the cloud must let them, and they must do it. */
  forwarding: z.array(name).default([]),
  ingress: z.array(cloudRule).min(1),
  /** Ports on which every guest answers probes. */
  responders: z.strictObject({ udp: z.array(port).default([]), tcp: z.array(port).default([]) }),
  flows: z.array(cloudFlow).min(1),
  ceiling: ceiling.optional(),
};

/** Whether a flow's end is an endpoint of another substrate. */
export function isAbroad(end: string): boolean {
  return end.includes("/");
}

/** A flow as written. */
export type CloudFlow = z.infer<typeof cloudFlow>;
/** A rule as written. */
export type CloudRule = z.infer<typeof cloudRule>;
