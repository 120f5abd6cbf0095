// The gates: is it the right API, is it healthy, may we see what we are about to judge.
import type { PeerCertificate, TLSSocket } from "node:tls";
import type { Check } from "../../../check/check.ts";
import { fail, type Outcome, pass, say } from "../../../check/outcome.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import { unreadable } from "../../../probes/transports/tls.ts";
import type { Seen } from "../../seen.ts";
import type { Api } from "../api.ts";
import type { PveConfig } from "../config.ts";
import { version } from "../models.ts";
import { order } from "../version.ts";
import { checkPermissions } from "./permissions.ts";

/** The last gate: what every other PVE check waits for. */
export const gate = "pve.perms";

/** pve.tls → pve.api → pve.perms. `repair`: whether the token must be able to repair as well. */
export function gateChecks(
  config: PveConfig,
  api: Api,
  { seen, repair }: { readonly seen: Seen; readonly repair: boolean },
): readonly Check[] {
  return [
    { id: "pve.tls", after: [], deadline: 15_000, observe: (signal) => checkTls(config, signal) },
    {
      id: "pve.api",
      after: ["pve.tls"],
      deadline: 60_000,
      observe: async (signal) => {
        const { release } = await api.get("/version", version, signal);
        seen.note("release", release);
        return judgeRelease(config, release);
      },
    },
    {
      id: gate,
      after: ["pve.api"],
      deadline: 30_000,
      observe: (signal) => checkPermissions(config, { api, repair, signal }),
    },
  ];
}

async function checkTls(config: PveConfig, signal: AbortSignal): Promise<Outcome> {
  const { certificate, authorized } = await shakeHands(config, signal);
  if (certificate.fingerprint256 !== config.fingerprint)
    return fail(say`the API shows another certificate than the pinned one`);
  if (new Date(certificate.valid_to) < new Date()) return fail(say`the API's pinned certificate has expired`);
  if (!authorized) throw new Unreadable("untrusted", "the chain does not lead to pve:ca");
  return pass(say`the API shows the pinned certificate`);
}

/** Connects without sending anything, so an untrusted certificate may be looked at. */
function shakeHands(
  config: PveConfig,
  signal: AbortSignal,
): Promise<{ certificate: PeerCertificate; authorized: boolean }> {
  const { hostname, port } = new URL(config.endpoint);
  const { promise, resolve, reject } = Promise.withResolvers<{
    certificate: PeerCertificate;
    authorized: boolean;
  }>();
  // Who plans only never connects, and it takes long to load.
  const socket: TLSSocket = process.getBuiltinModule("node:tls").connect({
    host: hostname,
    port: Number(port || 443),
    servername: /^[\d.]+$/.test(hostname) ? "" : hostname,
    rejectUnauthorized: false,
    ...(config.ca === undefined ? {} : { ca: config.ca }),
  });
  const abort = () => socket.destroy(new Unreadable("timeout", "TLS handshake"));
  signal.addEventListener("abort", abort, { once: true });
  socket.on("error", (error) => reject(unreadable(error, signal)));
  socket.on("close", () => reject(new Unreadable("unreachable", "closed during the TLS handshake")));
  socket.on("secureConnect", () =>
    resolve({ certificate: socket.getPeerCertificate(), authorized: socket.authorized }),
  );
  return promise.finally(() => {
    signal.removeEventListener("abort", abort);
    socket.destroy();
  });
}

function judgeRelease(config: PveConfig, release: string): Outcome {
  return isHealthy(config, release)
    ? pass(say`the release is inside the configured range`)
    : fail(say`the release is outside the configured range`);
}

/** Whether a release is inside the configured range. */
export function isHealthy({ versions }: PveConfig, release: string): boolean {
  return order(release, versions.from) >= 0 && order(release, versions.before) < 0;
}
