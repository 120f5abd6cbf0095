// What cloud-init made of a guest's first boot.
import { z } from "zod";
import { fail, type Outcome, pass, say } from "../../check/outcome.ts";
import { Unreadable } from "../../check/unreadable.ts";
import type { Name } from "../../environment/name.ts";
import type { Probe, Reading } from "../transport.ts";
import { whole } from "../whole.ts";

/** Asks without `--wait`, which has no timeout of its own; the JSON decides, as exit codes differ between releases. */
export const cloudInitProbe: Probe = {
  id: "cloud-init",
  argv: ["cloud-init", "status", "--format=json"],
  timeout: 20,
};

/** `cloud-init status --format=json` (canonical/cloud-init, cmd/status.py) */
const model = z.object({
  status: z.enum([
    "not started",
    "not run",
    "running",
    "done",
    "error",
    "disabled",
    "degraded done",
    "degraded running",
  ]),
  /** null while the early stages run, and where none was found. */
  datasource: z.string().nullish(),
  errors: z.array(z.unknown()),
  recoverable_errors: z.record(z.string(), z.unknown()).default({}),
});

/** None while it is still running. */
export function judgeCloudInit(
  reading: Reading | undefined,
  guest: Name,
  datasource: string | readonly string[],
): Outcome | undefined {
  const status = parse(reading);
  if (["running", "not started", "not run", "degraded running"].includes(status.status)) return undefined;
  if (status.status === "disabled") return fail(say`cloud-init is disabled on ${guest}`);
  if (status.status === "error" || status.errors.length > 0) return fail(say`cloud-init failed on ${guest}`);
  if (Object.keys(status.recoverable_errors).length > 0)
    return fail(say`cloud-init finished degraded on ${guest}`);
  if (![datasource].flat().includes(status.datasource ?? ""))
    return fail(say`cloud-init on ${guest} used another datasource than the declared one`);
  return pass(say`cloud-init finished without errors on ${guest}`);
}

function parse(reading: Reading | undefined): z.infer<typeof model> {
  const { stdout } = whole(reading, "cloud-init status");
  try {
    return model.parse(JSON.parse(stdout));
  } catch (cause) {
    throw new Unreadable("unparsable", "cloud-init status", { cause });
  }
}
