// Proxmox VE's stand-in for the lab: an API server and a provider, both on one cluster's state.
import { X509Certificate } from "node:crypto";
import type { Site } from "../../../world/site.ts";
import type { World } from "../../../world/world.ts";
import type { RunningDouble, SubstrateDouble } from "../../double.ts";
import { newAuthority } from "../../farend/authority.ts";
import { drifts, faults } from "../drifts.ts";
import { immaterial } from "../immaterial.ts";
import { settle } from "./before.ts";
import { capture } from "./capture.ts";
import { newCluster } from "./cluster.ts";
import { grants } from "./grants.ts";
import { handle, outsider } from "./handler.ts";
import { meddle } from "./meddle.ts";
import { proxmoxveProvider, sessionOver } from "./provider/index.ts";
import { Rest, type Transport } from "./provider/rest.ts";
import { serve } from "./server.ts";
import { inspector, nodeShells } from "./shell.ts";
import type { Cluster, Token } from "./state.ts";
import { tamper } from "./tamper.ts";
import { addToken } from "./tokens.ts";
import { requestOf } from "./wire.ts";

/**
 * The router of the site that the cluster stands in. RFC 5737: TEST-NET-1 stands for its addresses on the internet; one
 * guest's address inside is where it leads WireGuard and ping.
 */
const site: Site = {
  ...{ substrate: "pve", segment: "pve/fabric/99", address: "10.77.99.254/24", publicAddress: "192.0.2.77" },
  forwards: [
    { protocol: "udp", port: 51820, to: "10.77.99.15" },
    { protocol: "icmp", to: "10.77.99.15" },
  ],
};

/** Everything that this substrate brings to the lab. */
export const pveDouble: SubstrateDouble = { provider: proxmoxveProvider, drifts, faults, immaterial, start };

async function start(world: World): Promise<RunningDouble> {
  const authority = await newAuthority("Lab PVE Cluster Manager CA");
  const [pve1, pve2] = await Promise.all([authority.issue("pve1"), authority.issue("pve2")]);
  const cluster = newCluster(world, { pve1: pve1.certificate, pve2: pve2.certificate });
  settle(cluster);
  const token = addToken(cluster, "certifier@pve!lab", grants("repair"));
  const reader = addToken(cluster, "certifier@pve!look", grants("look"));
  const server = await serve(cluster, pve1);
  const outside = inside(cluster, addToken(cluster, outsider, "full"));
  world.sites.add(site);
  const shells = nodeShells(cluster);
  return {
    shells,
    tamper: (host, what) => tamper(cluster, host, what),
    attachment: { segment: "pve/fabric/99", address: "10.77.99.1/24" },
    overlay: {
      "pve:endpoint": `https://127.0.0.1:${server.port}/`,
      "pve:token": `${token.id}=${token.secret}`,
      "pve:nodeAccess": {
        user: inspector,
        hosts: Object.fromEntries(
          shells.map(({ name, host, hostKey }) => [name, { host, port: 22, hostKey: hostKey.publicKey }]),
        ),
      },
      "pve:ca": authority.certificate,
      "pve:fingerprint": new X509Certificate(pve1.certificate).fingerprint256,
    },
    readOnly: { "pve:token": `${reader.id}=${reader.secret}` },
    outsider: sessionOver(outside),
    meddle: (requests, signal) => meddle(cluster, new Rest(outside), { requests, signal }),
    capture: async (type, id) => {
      const restore = capture(cluster, type, id);
      return async () => restore();
    },
    state: () => cluster,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Without a network between: drifts come about whatever is broken on the wire. */
export function inside(cluster: Cluster, token: Token): Transport {
  const authorization = `PVEAPIToken=${token.id}=${token.secret}`;
  return async ({ method, path, body = "" }, signal) => {
    signal.throwIfAborted();
    const answer = handle(cluster, requestOf({ method, url: path, form: body, authorization }));
    return { status: answer.status, reason: answer.reason, body: JSON.stringify(answer.body) };
  };
}
