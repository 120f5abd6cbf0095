// What a cloud's resources may cost at most, as stack config says it.
import { z } from "zod";
import type { Ceiling } from "../policy.ts";

const most = z.number().int().min(0);

/** The `ceiling` of a cloud's section: what the policies hold declared sizes and totals against. */
export const ceiling = z.strictObject({
  /** Sizes that machines may have. */
  shapes: z.array(z.string().min(1)).min(1),
  machines: most,
  /** GiB over all machines. */
  disk: most,
  /** Public ones. */
  addresses: most,
});

/** The policies' own words for it; none where nobody has set one. */
export function ceilingOf(config: {
  readonly ceiling?: z.infer<typeof ceiling> | undefined;
}): Ceiling | undefined {
  if (config.ceiling === undefined) return undefined;
  const { shapes, ...totals } = config.ceiling;
  return { shapes, totals };
}
