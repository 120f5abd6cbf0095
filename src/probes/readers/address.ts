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
    addr_info: z.array(
      z.object({ family: z.string(), scope: z.string(), local: z.string(), prefixlen: z.number() }),
    ),
  }),
);

/** Compares the IPv4 addresses that others can see with the declared ones: `10.77.99.11/24`. */
export function judgeAddresses(
  reading: Reading | undefined,
  guest: Name,
  expected: readonly string[],
): Outcome {
  const shown = parse(reading)
    .flatMap(({ addr_info }) => addr_info)
    .filter(({ family, scope }) => family === "inet" && scope === "global")
    .map(({ local, prefixlen }) => `${local}/${prefixlen}`);
  const missing = expected.filter((address) => !shown.includes(address)).length;
  const extra = shown.filter((address) => !expected.includes(address)).length;
  const wrong = [missing > 0 ? say`${missing} missing` : [], extra > 0 ? say`${extra} too many` : []].flat();
  return wrong.length === 0
    ? pass(say`${guest} has its ${expected.length} declared addresses and no others`)
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
