// Everything that the API can be asked; what is not listed here is answered as not implemented.
import type { Route } from "./route.ts";
import { agentRoutes } from "./routes/agent.ts";
import { cloudInitRoutes } from "./routes/cloudinit.ts";
import { clusterRoutes } from "./routes/cluster.ts";
import { datacenterRoutes } from "./routes/datacenter.ts";
import { firewallRoutes } from "./routes/firewall.ts";
import { nodeRoutes } from "./routes/nodes.ts";
import { poolRoutes } from "./routes/pools.ts";
import { qemuRoutes } from "./routes/qemu.ts";
import { storageRoutes } from "./routes/storage.ts";

/** All routes; no two match the same request. */
export const routes: readonly Route[] = [
  ...clusterRoutes,
  ...datacenterRoutes,
  ...poolRoutes,
  ...nodeRoutes,
  ...storageRoutes,
  ...qemuRoutes,
  ...firewallRoutes,
  ...agentRoutes,
  ...cloudInitRoutes,
];
