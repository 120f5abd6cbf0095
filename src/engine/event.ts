// An engine event, and what of it is read.
import { z } from "zod";

/** What happens to a resource; `absent`: it would be imported, and is not there. */
export type Action = "create" | "update" | "replace" | "delete" | "import" | "absent";

/** All steps of the engine (pulumi, sdk/go/common/apitype/events.go); none where it changes nothing. */
export const actions: Readonly<Record<string, Action | undefined>> = {
  create: "create",
  update: "update",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
  delete: "delete",
  import: "import",
  "import-replacement": "import",
  same: undefined,
  refresh: undefined,
  read: undefined,
  "read-replacement": undefined,
  discard: undefined,
  "discard-replaced": undefined,
  "remove-pending-replace": undefined,
};

/** A table of which the keys alone matter. */
const keys = z
  .record(
    z.string(),
    z.unknown().transform(() => null),
  )
  .nullish();

const state = z.object({ inputs: keys });

const metadata = z.object({
  op: z.string().refine((op) => Object.hasOwn(actions, op), "expected a step of the engine"),
  old: state.nullish(),
  new: state.nullish(),
  urn: z.string(),
  type: z.string(),
  detailedDiff: keys,
  diffs: z.array(z.string()).nullish(),
});

/** One engine event, as the Automation API gives it; what is of another kind is empty. */
export const engineEvent = z.object({
  resourcePreEvent: z.object({ metadata }).optional(),
  resOutputsEvent: z.object({ metadata }).optional(),
  resOpFailedEvent: z.object({ metadata }).optional(),
  diagnosticEvent: z
    .object({ severity: z.string(), message: z.string(), urn: z.string().optional() })
    .optional(),
  summaryEvent: z
    .object({ resourceChanges: z.record(z.string(), z.number()), result: z.string().optional() })
    .optional(),
});

/** A parsed event. */
export type EngineEvent = z.infer<typeof engineEvent>;
/** What is told of one step. */
export type Metadata = z.infer<typeof metadata>;

/**
 * What of an event is ever read; none of one that tells of no change, as most do, with all that a resource was and is.
 * One that is not understood stays whole, so that whoever reads it refuses it.
 */
export function essence(event: unknown): unknown {
  const { data } = engineEvent.safeParse(event);
  if (data === undefined) return event;
  const { diagnosticEvent, summaryEvent, resOpFailedEvent, ...steps } = data;
  const changes = Object.values(steps).some((told) => actions[told?.metadata.op ?? "same"] !== undefined);
  const words = [diagnosticEvent, summaryEvent, resOpFailedEvent];
  return changes || words.some((word) => word !== undefined) ? data : undefined;
}
