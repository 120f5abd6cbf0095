// Makes a certification the current one: whoever shares the backend finds it in the environment's ledger.
import { createHash } from "node:crypto";
import { Unreadable } from "../check/unreadable.ts";
import { record } from "../ledger/ledger.ts";
import { type Manifest, verdict } from "../manifest/model.ts";
import type { Means } from "./subject.ts";

/**
 * Records a manifest for each of its providers, whatever it says: a fail takes the place of an earlier pass.
 * @param text the manifest as it was written, to the byte
 * @returns whether that could be done
 */
export async function publish(manifest: Manifest, text: string, means: Means): Promise<boolean> {
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
  means.progress({ kind: "phase", text: `publishing in the ledger of ${environment}` });
  try {
    means.signal.throwIfAborted();
    await record(environment, { certifications }, means);
    return true;
  } catch (error) {
    if (!(error instanceof Unreadable) && !means.signal.aborted) throw error;
    means.debug(String(error));
    return false;
  }
}
