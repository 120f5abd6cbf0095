// Talks to a running lab, and starts one where none runs.
import { fork } from "node:child_process";
import { openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Problem } from "../environment/problem.ts";
import { type LabCommand, type LabStatus, status } from "./control.ts";
import type { Home, Ticket } from "./home.ts";

/** Long enough for a VM to be shut down and started again, in ms. */
const patience = 120_000;

/** Asks a lab. Throws `Problem` with the lab's own words where it refuses, or where it is not running. */
export async function ask(home: Home, command: LabCommand): Promise<LabStatus> {
  return status.parse(await answerOf(home, command));
}

/** All that a far end of a lab holds, as JSON. Throws as {@link ask} does. */
export function stateOf(home: Home, substrate: string): Promise<unknown> {
  return answerOf(home, { do: "state", substrate });
}

async function answerOf(home: Home, command: LabCommand): Promise<unknown> {
  const ticket = await home.readTicket();
  if (ticket === undefined) throw notRunning(home);
  const response = await fetch(`http://127.0.0.1:${ticket.port}/`, {
    method: "POST",
    headers: { authorization: `Bearer ${ticket.token}` },
    body: JSON.stringify(command),
    signal: AbortSignal.timeout(patience),
  }).catch(() => undefined);
  if (response === undefined) throw notRunning(home);
  const said = await response.text();
  if (response.ok) return JSON.parse(said);
  throw new Problem({
    subject: `lab ${command.do}`,
    expected: "something that the lab can do",
    actual: said,
    remedy: "see `npm run lab -- --help`",
  });
}

/** The ticket of the lab that answers here; none where none does. */
export async function running(home: Home): Promise<Ticket | undefined> {
  return (await ask(home, { do: "status" }).catch(() => undefined)) && home.readTicket();
}

/** Starts a lab in a process of its own and returns when it is ready. Throws `Problem` where it does not start. */
export async function launch(home: Home, mode: "doubles" | "real-plugins"): Promise<Ticket> {
  await home.create();
  const log = openSync(home.log, "a", 0o600);
  const daemon = fileURLToPath(new URL("./daemon.ts", import.meta.url));
  const child = fork(daemon, [home.path, mode], { detached: true, stdio: ["ignore", log, log, "ipc"] });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child
    .once("message", () => resolve())
    .once("error", reject)
    .once("exit", () => reject(new Error("ended")));
  const failed = (cause: unknown) =>
    new Problem({ subject: "lab", expected: "a lab that starts", remedy: `read ${home.log}` }, { cause });
  await promise.catch((cause: unknown) => {
    throw failed(cause);
  });
  child.unref();
  const ticket = await home.readTicket();
  if (ticket === undefined) throw failed("no ticket");
  return ticket;
}

/** Ends a lab and removes its folder. */
export async function shutDown(home: Home): Promise<void> {
  await ask(home, { do: "down" }).catch(() => undefined);
  await home.remove();
}

function notRunning(home: Home): Problem {
  return new Problem({
    subject: `lab in ${home.path}`,
    expected: "a running lab",
    remedy: "start it with `npm run lab -- up`",
  });
}
