// What the far ends of all clouds have alike in the lab: no hosts, a certifier on the internet, changes with the way back.
import { internet } from "../../world/subnet.ts";
import type { RunningDouble } from "../double.ts";
import { captureBy, type Ways } from "./capture.ts";
import { type Actions, meddleBy } from "./meddle.ts";
import { newHostKeys } from "./substrate.ts";

/** What is particular to one cloud. */
type FarEnd<A extends object> = Pick<RunningDouble, "overlay" | "readOnly" | "outsider"> & {
  /** The cloud's name, which its keys in stack config begin with. */
  readonly own: string;
  readonly account: A;
  readonly actions: Actions<A>;
  readonly ways: Ways<A>;
  /** Has the world follow the account. */
  readonly lower: (account: A) => void;
  /** What runs until nobody needs it any more. */
  readonly started: AsyncDisposable;
};

/** The guests of the lab, each of which needs a host key beforehand. */
const guests = ["router1", "router2", "client1", "client2"];

/** The far end of a cloud that has been started. */
export function runningCloud<A extends object>(parts: FarEnd<A>): RunningDouble {
  const { own, account, actions, ways, lower, started } = parts;
  return {
    shells: [],
    tamper: (host) => {
      throw new Error(`there is no host ${host}`);
    },
    // On the internet everything is one hop away. RFC 5737: TEST-NET-2 stands for where certifiers sit.
    attachment: { segment: internet, address: "198.51.100.10/0" },
    overlay: { ...parts.overlay, [`${own}:hostKeys`]: newHostKeys(guests) },
    readOnly: parts.readOnly,
    outsider: parts.outsider,
    meddle: async (requests) => meddleBy(actions, { account, requests }, lower),
    capture: async (type, id) => captureBy(ways, { account, type, id }, lower),
    state: () => account,
    [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
  };
}
