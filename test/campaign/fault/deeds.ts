// Does what goes wrong, and takes it back.
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { ask } from "../../../src/lab/client.ts";
import { engineFolder } from "../../../src/pulumi/folder.ts";
import type { Case, Rival, Victim, What } from "./cases.ts";
import { disk } from "./disk.ts";
import type { Ground } from "./ground.ts";
import type { End } from "./judge.ts";
import { NoVictim } from "./novictim.ts";

/** What was done. */
export type Deed = {
  /** Takes it back. */
  readonly undo: () => Promise<unknown>;
  /** What rivals came to, when they have ended. */
  readonly rivals: Promise<readonly End[]>;
};

type Scene = { readonly ground: Ground; readonly one: Case /** Of the command. */; readonly pid: number };

/** Does it now. Throws `NoVictim`. */
export async function deed(scene: Scene): Promise<Deed> {
  const { what } = scene.one;
  if (what.kind === "rival") return { undo: nothing, rivals: beside(scene.ground, what.rivals) };
  return { undo: await act(scene, what), rivals: Promise.resolve([]) };
}

type Simple = Exclude<What, { kind: "rival" }>;

async function act({ ground, one, pid }: Scene, what: Simple): Promise<Deed["undo"]> {
  const { home } = ground.bench;
  switch (what.kind) {
    case "fault":
      await ask(home, { do: "break", fault: what.breaks });
      // Not `heal`: that would take back drifts too, and hide what was not repaired.
      return () => ask(home, { do: "break", fault: what.breaks, forMs: 1 });
    case "signal":
      kill(await victimOf(ground, what.victim, pid), what.signal);
      return nothing;
    case "disk":
      if (what.state === "cut") return cut(ground, what.victim, pid);
      return disk(ground.substrate, what.state, one.after);
    case "clock":
      await writeFile(ground.clock, String(what.jump));
      return () => writeFile(ground.clock, "0");
  }
}

async function nothing(): Promise<void> {
  // Nothing is left to take back.
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (cause) {
    throw new NoVictim("it has ended by itself", { cause });
  }
}

/** Longer than an engine takes to be started, in ms. */
const patience = 4_000;

async function victimOf(ground: Ground, victim: Victim, pid: number): Promise<number> {
  if (victim === "certifier") return pid;
  const word = victim === "watchdog" ? "/src/qualification/kennel.ts" : `${engineFolder()}/pulumi `;
  const isOne = (line: string) =>
    line.includes(word) && (victim === "watchdog" || /pulumi (preview|up) /.test(line));
  for (let waited = 0; waited < patience; waited += 100) {
    const found = (await ground.running()).find(({ line }) => isOne(line));
    if (found !== undefined) return found.pid;
    await pause(100);
  }
  throw new NoVictim(`no ${victim} runs`);
}

/** A limit on the size of files fails a write half-way, as a full disk does: of evidence, or of the checkpoint. */
async function cut(ground: Ground, victim: Victim, pid: number): Promise<Deed["undo"]> {
  const checkpoint = join(ground.bench.home.backend, `.pulumi/stacks/substrate/${ground.stack}.json`);
  const limit = victim === "engine" ? (await stat(checkpoint)).size - 2_000 : 4_096;
  const limited = await execa(
    "prlimit",
    ["--pid", String(await victimOf(ground, victim, pid)), `--fsize=${limit}`],
    {
      reject: false,
    },
  );
  if (limited.exitCode !== 0) throw new NoVictim("it has ended by itself");
  return nothing;
}

function beside(ground: Ground, rivals: readonly Rival[]): Promise<readonly End[]> {
  return Promise.all(
    rivals.map(async (rival) => {
      // An engineer leaves no evidence; whether the stack is whole afterwards the next repair shows.
      if (rival === "engineer") return ground.startUp().then(() => []);
      const out = join(ground.bench.folder, "rival.json");
      const { exitCode } = await ground.start("repair", { out });
      return [{ exit: exitCode, evidence: await ground.evidence("repair", out) }];
    }),
  ).then((ends) => ends.flat());
}
