// What the checks of a cloud prove, by group; their ids differ from cloud to cloud only in its name.
import type { CheckId } from "../../check/key.ts";
import type { Substrate } from "../substrate.ts";

/** Every check that is ever planned is in one of these. */
export function cloudGroups(cloud: string): Substrate["groups"] {
  const own = (...words: readonly string[]) => words.map((word): CheckId => `${cloud}.${word}`);
  return {
    identity: own("identity"),
    capacity: own("regions", "quotas", "images", "shapes", "sshkey", "bootstrap"),
    network: own("network", "routes", "sg", "pubip", "fwdflag", "metadata"),
    boot: ["g.ssh", "g.cloudinit", "g.hostname", "g.userdata", "g.instanceid", "g.addr"],
    scope: own("inventory", "filter"),
    reachability: own("eastwest", "negative"),
    state: own("drift"),
  };
}
