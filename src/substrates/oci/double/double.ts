// OCI's stand-in for the lab: a provider on one tenancy's state, the search service, and a world that both compute from.
import { createHash, createPublicKey, generateKeyPairSync } from "node:crypto";
import type { World } from "../../../world/world.ts";
import { runningCloud } from "../../cloud/double.ts";
import type { Principal } from "../../cloud/gateway.ts";
import type { RunningDouble, SubstrateDouble } from "../../double.ts";
import { newAuthority } from "../../farend/authority.ts";
import { drifts, faults } from "../drifts.ts";
import { immaterial } from "../immaterial.ts";
import { ways } from "./capture.ts";
import { apiFor, userOf } from "./gateway.ts";
import { lower } from "./lower.ts";
import { actions } from "./meddle.ts";
import { settle } from "./neighbours.ts";
import { ociProvider, register, sessionOver } from "./provider.ts";
import { serveSearch } from "./search/server.ts";
import type { Tenancy } from "./state.ts";
import { newTenancy } from "./tenancy.ts";

/** Everything that this substrate brings to the lab. */
export const ociDouble: SubstrateDouble = { provider: ociProvider, drifts, faults, immaterial, start };

async function start(world: World): Promise<RunningDouble> {
  const tenancy = newTenancy(world);
  settle(tenancy);
  await using starting = new AsyncDisposableStack();
  const [certifier, auditor] = [newLogin(tenancy, "certifier"), newLogin(tenancy, "auditor")];
  const logins = [certifier, auditor];
  for (const { keyId, ...login } of logins) starting.use(register(keyId, login));
  const authority = await newAuthority("Lab OCI CA");
  const certificate = await authority.issue("search");
  const search = starting.use(
    await serveSearch(certificate, new Map(logins.map(({ keyId, ...login }) => [keyId, login]))),
  );
  return runningCloud({
    ...{ own: "oci", account: tenancy, actions, ways, lower },
    overlay: {
      ...certifier.config,
      "oci:search": { endpoint: `https://127.0.0.1:${search.port}`, authority: authority.certificate },
    },
    readOnly: auditor.config,
    outsider: sessionOver(apiFor(tenancy, "outsider")),
    started: starting.move(),
  });
}

/** An API key of a new user, as stack config has it, as its signatures name it, and what it opens. */
function newLogin(tenancy: Tenancy, principal: Principal) {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const user = userOf(principal);
  tenancy.users.set(user, { name: `routerd-${principal}`, state: "ACTIVE" });
  const der = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  // Colons between the bytes of an MD5: OCI documentation, "Required Keys and OCIDs".
  const fingerprint = createHash("md5")
    .update(der)
    .digest("hex")
    .replace(/..(?!$)/g, "$&:");
  return {
    keyId: `${tenancy.id}/${user}/${fingerprint}`,
    publicKey: createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString(),
    api: apiFor(tenancy, principal),
    config: {
      "oci:caller": user,
      "oci:fingerprint": fingerprint,
      "oci:privateKey": privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    },
  };
}
