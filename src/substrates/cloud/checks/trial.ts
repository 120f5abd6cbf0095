// One flow as it is tried: the probe in the batch of whoever it begins at, and what its answer means.
import type { Name } from "../../../environment/name.ts";
import type { GuestMesh } from "../../../probes/mesh.ts";
import { flowTrial, type Tried } from "../../../probes/readers/flow.ts";
import { isRejected } from "../../../probes/readers/tcp.ts";
import type { CloudFlow } from "../section.ts";

type Aim = {
  readonly mesh: GuestMesh;
  readonly source: Name;
  /** Throws `Unreadable`. */
  readonly address: (signal: AbortSignal) => Promise<string>;
};

/** Plans a flow's probe; the function given back tells what it came to, when the batch has been run. */
export function planTrial(
  flow: Pick<CloudFlow, "protocol" | "port">,
  { mesh, source, address }: Aim,
): (signal: AbortSignal) => Promise<Tried> {
  return mesh.plan(source, async (signal) => {
    const { probe, read } = flowTrial(flow, await address(signal));
    return {
      probe,
      read: (answer) => (flow.protocol === "tcp" && isRejected(answer) ? { open: false } : read(answer)),
    };
  });
}
