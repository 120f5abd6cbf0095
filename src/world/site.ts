// A site that is no cloud: one router between what is inside and the internet.
import type { Packet } from "./filter.ts";
import type { Cidr } from "./machine.ts";

/** A router between a segment inside and the internet. It answers nothing itself at its public address. */
export type Site = {
  /** Fault: `<substrate>/site/unforwarded`, in which nothing that begins outside comes in. */
  readonly substrate: string;
  readonly segment: string;
  /** Its own, inside; the gateway of who is to get out. */
  readonly address: Cidr;
  readonly publicAddress: string;
  /** To whom inside it passes on what begins outside; without a port all of the protocol. */
  readonly forwards: readonly {
    readonly protocol: Packet["protocol"];
    readonly port?: number;
    readonly to: string;
  }[];
};
