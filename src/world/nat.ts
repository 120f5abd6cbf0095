// What a site's router does with addresses: all that is inside goes out under one, and comes in only as it is forwarded.
import type { Packet } from "./filter.ts";
import type { Site } from "./site.ts";
import type { World } from "./world.ts";

/** Who began a flow that went out through a site's router, by router: where its replies belong. */
export type Masked = Map<Site, string>;

/** A packet on its way out: the internet sees the site's address. */
export function mask<P extends Packet>(site: Site, packet: P, masked: Masked): P {
  masked.set(site, packet.source);
  return { ...packet, source: site.publicAddress };
}

/**
 * A packet that has come to the public address; none where it goes nowhere.
 * @param before what went out in the flow that it may be a reply of
 */
export function unmask<P extends Packet>(
  world: World,
  site: Site,
  { packet, before }: { readonly packet: P; readonly before: ReadonlyMap<Site, string> },
): P | undefined {
  const destination = before.get(site) ?? forwardedTo(world, site, packet);
  return destination === undefined ? undefined : { ...packet, destination };
}

function forwardedTo(world: World, { substrate, forwards }: Site, packet: Packet): string | undefined {
  if (world.isBroken(`${substrate}/site/unforwarded`)) return undefined;
  return forwards.find(
    ({ protocol, port }) => protocol === packet.protocol && (port === undefined || port === packet.port),
  )?.to;
}
