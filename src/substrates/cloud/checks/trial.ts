// One flow as it is tried: the probe in the batch of whoever it begins at, and what its answer means.
import type { Name } from "../../../environment/name.ts";
import type { GuestMesh } from "../../../probes/mesh.ts";
import { pingProbe, readPing } from "../../../probes/readers/ping.ts";
import { readTcp, tcpProbe } from "../../../probes/readers/tcp.ts";
import { datagram, readDatagram } from "../../../probes/readers/udp.ts";
import type { Probe, Reading } from "../../../probes/transport.ts";
import type { CloudFlow } from "../section.ts";

/** What a flow came to. `seen`: the address that it came from, where the far side has told. */
export type Tried = { readonly open: boolean; readonly seen?: string | undefined };

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
  let judge: Judge | undefined;
  const reading = mesh.plan(source, async (signal) => {
    const { probe, read } = trial(flow, await address(signal));
    judge = read;
    return probe;
  });
  return async (signal) => {
    const answer = await reading(signal);
    if (judge === undefined) throw new TypeError("unreachable: a reading has a probe");
    return judge(answer);
  };
}

type Judge = (reading: Reading) => Tried;

function trial(
  { protocol, port = 0 }: Pick<CloudFlow, "protocol" | "port">,
  address: string,
): { probe: Probe; read: Judge } {
  if (protocol === "icmp")
    return { probe: pingProbe("ping", address), read: (reading) => ({ open: readPing(reading) }) };
  if (protocol === "tcp")
    return {
      probe: tcpProbe("tcp", { address, port }),
      read: (reading) => ({ open: readTcp(reading) === "open" }),
    };
  const sent = datagram("udp", { address, port });
  return {
    probe: sent.probe,
    read: (reading) => {
      const echo = readDatagram(sent, reading);
      return echo.port === "open" ? { open: true, seen: echo.seen } : { open: false };
    },
  };
}
