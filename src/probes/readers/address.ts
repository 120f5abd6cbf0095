// The addresses that a guest has.
import { z } from "zod";
import { fail, list, type Outcome, pass, say } from "../../check/outcome.ts";
import { Unreadable } from "../../check/unreadable.ts";
import type { Name } from "../../environment/name.ts";
import type { Probe, Reading } from "../transport.ts";

/** All interfaces with their addresses. */
export const addressProbe: Probe = { id: "addresses", argv: ["ip", "-j", "addr"], timeout: 5 };

/** `ip -j addr` (iproute2) */
const model = z.array(
  z.object({
    mtu: z.number(),
    addr_info: z.array(
      z.object({ family: z.string(), scope: z.string(), local: z.string(), prefixlen: z.number() }),
    ),
  }),
);

/** What a guest should have: addresses as `10.77.99.11/24`, and the largest packet that its interfaces must take. */
type Addressing = { readonly addresses: readonly string[]; readonly mtu: number };

/** Compares the IPv4 addresses that others can see, and what their interfaces take, with the declaration. */
export function judgeAddresses(reading: Reading | undefined, guest: Name, wanted: Addressing): Outcome {
  const shown = parse(reading).flatMap(({ mtu, addr_info }) => addr_info.map((info) => ({ mtu, ...info })));
  const seen = shown
    .filter(({ family, scope }) => family === "inet" && scope === "global")
    .map(({ local, prefixlen, mtu }) => ({ address: `${local}/${prefixlen}`, mtu }));
  const missing = wanted.addresses.filter((address) => !seen.some((one) => one.address === address)).length;
  const extra = seen.filter(({ address }) => !wanted.addresses.includes(address)).length;
  const narrow = seen.filter(({ mtu }) => mtu < wanted.mtu).length;
  const wrong = [
    missing > 0 ? say`${missing} missing` : [],
    extra > 0 ? say`${extra} too many` : [],
    narrow > 0 ? say`${narrow} on interfaces that take less than ${wanted.mtu} bytes` : [],
  ].flat();
  return wrong.length === 0
    ? pass(say`${guest} has its ${wanted.addresses.length} declared addresses and no others`)
    : fail(say`the addresses of ${guest}: ${list(wrong)}`);
}

function parse(reading: Reading | undefined): z.infer<typeof model> {
  if (reading?.exit !== 0 || reading.truncated) throw new Unreadable("unparsable", "ip -j addr");
  try {
    return model.parse(JSON.parse(reading.stdout));
  } catch (cause) {
    throw new Unreadable("unparsable", "ip -j addr", { cause });
  }
}
