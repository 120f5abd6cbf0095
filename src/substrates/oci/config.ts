// An OCI stack's config, parsed and with every reference resolved: the door of this substrate.
import { type Common, common } from "../../environment/common.ts";
import { Problem } from "../../environment/problem.ts";
import { parseSection, type RawConfig } from "../../environment/section.ts";
import { publicKeyOf } from "../../probes/key.ts";
import { addressOf, contains } from "../../world/address.ts";
import { type CloudTopology, resolveCloud } from "../cloud/topology.ts";
import { metadataOf } from "./metadata.ts";
import { type OciSection, section } from "./section.ts";

/** Everything that an OCI stack is configured with, all references resolved. */
export type OciConfig = Omit<OciSection, "guests" | "hostKeys" | "flows"> &
  CloudTopology & { readonly common: Common };

/** Bytes that all metadata of an instance may have together (OCI API, LaunchInstanceDetails). */
const mostMetadata = 32_000;

/** Parses the `substrate:` and `oci:` sections. Throws `Problem` naming file, key and expectation. */
export function parseOci(raw: RawConfig, origin: string): OciConfig {
  const { hostKeys, ...parsed } = parseSection(raw, "oci", { model: section, origin });
  const { network } = parsed;
  const where = `${origin} oci:`;
  if (!contains(network.cidr, addressOf(network.subnet)))
    throw refused(`${where}network.subnet`, "a part of network.cidr");
  const topology = resolveCloud({ ...parsed, hostKeys }, network.subnet, where);
  const config = {
    ...parsed,
    ...topology,
    common: parseSection(raw, "substrate", { model: common, origin }),
  };
  refuseHalfAKey(config, where);
  refuseLong(config, where);
  return config;
}

function refuseHalfAKey({ caller, fingerprint, privateKey }: OciConfig, where: string): void {
  const given = [caller, fingerprint, privateKey].filter((part) => part !== undefined).length;
  if (given !== 0 && given !== 3)
    throw refused(`${where}caller`, "caller, fingerprint and privateKey together, or none of them");
}

function refuseLong(config: OciConfig, where: string): void {
  const key = publicKeyOf(config.common.sshKey);
  const long = config.guests.find((guest) => {
    const metadata = metadataOf(config, guest, key);
    return Buffer.byteLength(JSON.stringify(metadata)) > mostMetadata;
  });
  if (long !== undefined)
    throw refused(`${where}guests.${long.name}`, `metadata of at most ${mostMetadata} bytes`);
}

function refused(subject: string, expected: string): Problem {
  return new Problem({ subject, expected, remedy: "correct the stack config" });
}
