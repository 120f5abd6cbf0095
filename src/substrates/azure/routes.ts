// The routes of the subnet in Azure's words, for the declaration and for the checks that nothing differs.

/** One route as the inline list of a route table takes it. */
export type TableRoute = {
  readonly name: string;
  readonly addressPrefix: string;
  readonly nextHopType: string;
};

/** Azure has no gateway to declare: it has this route for every network by itself, but another may stand before that. */
export function routesOf(): TableRoute[] {
  return [{ name: "internet", addressPrefix: "0.0.0.0/0", nextHopType: "Internet" }];
}

/** A route as Azure tells it. */
type SeenRoute = {
  readonly addressPrefix?: string | undefined;
  readonly nextHopType: string;
  readonly nextHopIpAddress?: string | undefined;
};

/** Everything in a route that decides about packets: a line to compare. */
export function lineOfRoute({ addressPrefix = "", nextHopType, nextHopIpAddress = "" }: SeenRoute): string {
  return [addressPrefix, nextHopType, nextHopIpAddress].join(" ").trim();
}
