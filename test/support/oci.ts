// The lab's OCI substrate as its stack config has it, provisioned as its program declares it, without any engine.
import { type OciConfig, parseOci } from "../../src/substrates/oci/config.ts";
import { declareOci } from "../../src/substrates/oci/declare.ts";
import { ociDouble } from "../../src/substrates/oci/double/double.ts";
import { planOci } from "../../src/substrates/oci/plan.ts";
import { Cloud } from "./cloud.ts";

/** A provisioned substrate. */
export type Oci = Cloud<OciConfig>;

/** Starts and provisions it. */
export function startOci(): Promise<Oci> {
  return Cloud.start({
    name: "oci",
    double: ociDouble,
    parse: parseOci,
    declare: declareOci,
    plan: planOci,
    login: ({ tenancy, caller, fingerprint, privateKey, region }) => ({
      ...{ tenancyOcid: tenancy.id, userOcid: caller, fingerprint, region },
      privateKey: privateKey?.reveal(),
    }),
  });
}
