// cloud-init(1) as far as it is asked for its status.

import type { GuestSystem } from "../machine.ts";
import { type Command, fails } from "./output.ts";

/** By datasource as the status names it; str(datasource) of cloud-init's classes. */
const titles: Readonly<Record<string, string>> = {
  nocloud: "DataSourceNoCloud [seed=/dev/sr0]",
  ec2local: "DataSourceEc2Local",
};

/** Seconds of uptime at which each stage begins; cloud-init ≥ 24.1 counts from boot (cmd/main.py, util.uptime). */
const stages = { "init-local": 4.21, init: 6.84, "modules-config": 8.37, "modules-final": 9.02 } as const;

/**
 * `cloud-init status --format=json`, its fields, order and exit codes from canonical/cloud-init, cloudinit/cmd/status.py
 * (print_status, handle_status_args).
 */
export const cloudInit: Command = ({ machine }, words) => {
  if (words.join(" ") !== "status --format=json")
    return fails(2, `cloud-init: error: argument subcommand: invalid choice: '${words[0] ?? ""}'\n`);
  const { system } = machine;
  const text = JSON.stringify(sorted(statusOf(system)), undefined, 2);
  return { exit: system.cloudInit.status === "error" ? 1 : 0, stdout: `${text}\n`, stderr: "" };
};

function statusOf({ cloudInit: { status, datasource, errors } }: GuestSystem): Record<string, unknown> {
  const found = datasource !== "none" && status !== "running";
  const title = titles[datasource] ?? datasource;
  return {
    boot_status_code: "enabled-by-generator",
    datasource: found ? datasource : null,
    detail: found ? title : detailOf(status),
    errors,
    extended_status: status === "error" ? "error - done" : status,
    last_update: "Thu, 01 Jan 1970 00:00:09 +0000",
    recoverable_errors: {},
    stage: status === "running" ? "init-local" : null,
    status,
    ...Object.fromEntries(
      Object.entries(stages).map(([stage, start]) => [stage, stageOf(stage, start, { status, errors })]),
    ),
  };
}

/** get_description: without a datasource the stage, without a stage why cloud-init runs at all. */
function detailOf(status: string): string {
  return status === "running"
    ? "Running in stage: init-local"
    : "Cloud-init enabled by systemd cloud-init-generator";
}

/** A missing datasource is told by the stage that searched the network for it. */
function stageOf(stage: string, start: number, now: { status: string; errors: readonly string[] }): unknown {
  const running = now.status === "running";
  const begun = !running || stage === "init-local";
  return {
    errors: stage === "init" ? now.errors : [],
    finished: running ? null : start + 0.5,
    recoverable_errors: {},
    start: begun ? start : null,
  };
}

/** `json.dumps(…, sort_keys=True)` */
function sorted(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
