// Whether a guest's agent runs commands, shown by one that gives back what nobody could know before.
import { randomBytes } from "node:crypto";
import type { Check } from "../../../check/check.ts";
import { fail, type Outcome, pass, say } from "../../../check/outcome.ts";
import { poll } from "../../../check/poll.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import { type Api, PveError } from "../api.ts";
import type { PveConfig } from "../config.ts";
import { agentExit, agentPid } from "../models.ts";
import type { Guest } from "../topology.ts";
import { pathOf } from "./machines.ts";

/** Seconds after which the guest itself ends the command. */
const limit = 10;

/** pve.qga.exec for each guest, after the agent has shown that it answers: its channel takes one command at a time. */
export function agentChecks(config: PveConfig, api: Api): readonly Check[] {
  return config.guests.map((guest) => ({
    id: "pve.qga.exec",
    target: guest.name,
    after: [`pve.qga.responsive@${guest.name}`],
    deadline: 60_000,
    observe: (signal) => execute(api, guest, signal),
  }));
}

async function execute(api: Api, guest: Guest, signal: AbortSignal): Promise<Outcome> {
  const nonce = randomBytes(16).toString("hex");
  const path = `${pathOf(guest)}/agent`;
  const parameters = { command: ["timeout", `${limit}`, "echo", nonce] };
  try {
    const { pid } = await api.ask({ path: `${path}/exec`, parameters }, agentPid, signal);
    // The agent forgets a process once it told that it has ended: read once, never again.
    const attempt = async () => {
      const status = await api.get(`${path}/exec-status?pid=${pid}`, agentExit, signal);
      return status.exited ? status : undefined;
    };
    const { value } = await poll(attempt, { first: 100, most: 2_000 }, signal);
    if (value["out-truncated"] || value["err-truncated"]) throw new Unreadable("truncated", "exec-status");
    if (value.exitcode === undefined) throw new Unreadable("truncated", "the command was killed");
    const said = value["out-data"].trim();
    if (!/^[\x20-\x7e]*$/.test(said)) throw new Unreadable("unparsable", "exec-status");
    return value.exitcode === 0 && said === nonce
      ? pass(say`the agent of ${guest.name} runs commands and tells what they say`)
      : fail(say`the agent of ${guest.name} runs commands wrongly (exit code ${value.exitcode})`);
  } catch (error) {
    if (error instanceof PveError && error.status === 500 && /has been disabled/i.test(error.words))
      return fail(say`the agent of ${guest.name} refuses to run commands`);
    throw error;
  }
}
