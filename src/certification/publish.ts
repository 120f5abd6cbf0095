// Makes a certification the current one, with what was learned on the way: whoever shares the backend finds both in the
// environment's ledger.
import { createHash } from "node:crypto";
import { Unreadable } from "../check/unreadable.ts";
import { record } from "../ledger/ledger.ts";
import { verdict } from "../manifest/model.ts";
import type { Certification } from "./certify.ts";
import type { Means } from "./subject.ts";

/** What is published. */
type Written = Pick<Certification, "manifest" | "hostKeys"> & {
  /** The manifest as it was written, to the byte. */
  readonly text: string;
};

/**
 * Records a manifest for each of its providers, whatever it says: a fail takes the place of an earlier pass.
 * @returns whether that could be done; where not, the next look says that there is no record of a new host key
 */
export async function publish({ manifest, hostKeys, text }: Written, means: Means): Promise<boolean> {
  const { environment, manifestId, expiresAt, providers } = manifest;
  const entry = {
    manifestId,
    status: verdict.parse(manifest.status),
    expiresAt,
    sha256: createHash("sha256").update(text, "utf8").digest("hex"),
    providers,
    manifest: text,
  };
  const certifications = Object.fromEntries(providers.map((provider) => [provider, entry]));
  const news = Object.values(hostKeys).reduce((sum, keys) => sum + Object.keys(keys).length, 0);
  const along = news === 0 ? "" : `, with ${news} host keys`;
  means.progress({ kind: "phase", text: `publishing in the ledger of ${environment}${along}` });
  try {
    means.signal.throwIfAborted();
    await record(environment, { certifications, hostKeys }, means);
    return true;
  } catch (error) {
    if (!(error instanceof Unreadable) && !means.signal.aborted) throw error;
    means.debug(String(error));
    return false;
  }
}
