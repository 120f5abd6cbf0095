// Tries one case: begins the command, waits for its moment, does what goes wrong, waits for the end, and heals.
import { type FSWatcher, watch } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import type { Case } from "./cases.ts";
import { type Deed, deed } from "./deeds.ts";
import { deadlines, type Ground } from "./ground.ts";
import type { Known, Seen } from "./judge.ts";
import { type Sign, signOf } from "./moments.ts";
import { NoVictim } from "./novictim.ts";
import type { Line } from "./transcript.ts";
import { bringBack } from "./way.ts";

/** What a command is given beyond its own deadline: an interrupted engine's minute, and as much for a busy machine, in ms. */
const grace = 150_000;

/** Until everything is gone that a killed command had begun: an engine's minute, or a watchdog's cleanup and inventory, in ms. */
const settling = 180_000;

/** What was seen of a case, and what fails by its drift alone. */
export type Tried = { readonly seen: Seen; readonly known: Known };

/** Tries a case on a ground that is whole; only whoever cancels it leaves one behind that is not. */
export async function tryCase(ground: Ground, one: Case, signal: AbortSignal): Promise<Tried> {
  const known = one.drift === undefined ? new Set<string>() : await ground.drift(one.drift);
  await ground.clear(one.command);
  await rm(ground.clock, { force: true });
  const seen = await disturb(ground, one, signal);
  const next = await bringBack(ground, one);
  await ground.heal();
  const left = [...seen.left, ...(await leftAfter(ground, one, []))];
  return { seen: { ...seen, left, next }, known };
}

async function disturb(ground: Ground, one: Case, signal: AbortSignal): Promise<Omit<Seen, "next">> {
  using command = new Command(ground, one, signal);
  const done = await command.meet(signOf(one.command, one.phase), one.after);
  const limit = deadlines[one.command] * 1_000 + grace;
  const patience = pause(limit - command.elapsed, tooLate, { ref: false });
  const late = (await Promise.race([command.ended, patience])) === tooLate;
  if (late) await ground.killAll();
  const exit = await command.ended;
  const lasted = command.elapsed;
  const rivals = (await done?.deed.rivals) ?? [];
  const endedAt = Date.now();
  await done?.deed.undo();
  // A watchdog stays until it could give its freeze back, which a bad disk may keep it from until somebody mends that.
  const left = await leftAfter(ground, one, one.what.kind === "disk" ? [/\/qualification\/kennel\.ts/] : []);
  signal.throwIfAborted();
  return {
    ...{ exit, late, rivals, endedAt, lasted, left, lines: command.lines },
    ...{ shown: command.shown, deedAt: done?.at },
    evidence: await ground.evidence(one.command),
  };
}

const tooLate = Symbol("late");

/** What is still there when all should be gone; only a killed command may leave a draft. */
async function leftAfter(
  ground: Ground,
  { what }: Case,
  mayStay: readonly RegExp[],
): Promise<readonly string[]> {
  const killed = what.kind === "signal" && what.signal === "SIGKILL";
  const until = performance.now() + settling;
  for (;;) {
    const staying = (await ground.running()).filter(({ line }) => !mayStay.some((one) => one.test(line)));
    const processes = staying.map(({ line }) => `process ${line.slice(0, 160)}`);
    const scraps = (await ground.scraps()).filter((name) => !(killed && name.endsWith(".tmp")));
    const all = [...processes, ...scraps];
    if (all.length === 0) return all;
    if (performance.now() > until) {
      await ground.killAll();
      return all;
    }
    await pause(500);
  }
}

/** A command that runs, with its lines as they come. */
class Command implements Disposable {
  readonly lines: Line[] = [];
  /** Whether the phase that was waited for has begun. */
  shown = false;
  /** Its exit code; none where a signal ended it. */
  readonly ended: Promise<number | undefined>;
  readonly #scene: { readonly ground: Ground; readonly one: Case; readonly pid: number };
  readonly #began = performance.now();
  readonly #drafted = Promise.withResolvers<void>();
  readonly #watcher: FSWatcher;
  #heard: (line: string) => void = () => undefined;

  constructor(ground: Ground, one: Case, signal: AbortSignal) {
    this.#watcher = watch(dirname(ground.out), (_event, name) => {
      if (name?.endsWith(".tmp")) this.#drafted.resolve();
    });
    const running = ground.start(one.command, { clock: one.what.kind === "clock" });
    this.#scene = { ground, one, pid: running.pid ?? 0 };
    if (running.all !== undefined)
      createInterface({ input: running.all }).on("line", (text) => {
        this.lines.push({ at: this.elapsed, text });
        this.#heard(text);
      });
    const kill = () => void running.kill("SIGKILL");
    signal.addEventListener("abort", kill, { once: true });
    this.ended = running.then(({ exitCode }) => {
      signal.removeEventListener("abort", kill);
      return exitCode;
    });
  }

  /** Milliseconds since it began. */
  get elapsed(): number {
    return performance.now() - this.#began;
  }

  /** Waits for a phase and does what goes wrong then; none where the command ended before, or there was no victim. */
  async meet(sign: Sign, after: number): Promise<{ readonly at: number; readonly deed: Deed } | undefined> {
    const over = this.ended.then(() => isOver);
    if ((await Promise.race([this.#showing(sign), over])) === isOver) return undefined;
    this.shown = true;
    if (after > 0 && (await Promise.race([pause(after), over])) === isOver) return undefined;
    try {
      const done = await deed(this.#scene);
      return { at: this.elapsed, deed: done };
    } catch (error) {
      if (error instanceof NoVictim) return undefined;
      throw error;
    }
  }

  #showing(sign: Sign): Promise<void> {
    if (sign === "process") return Promise.resolve();
    if (sign === "draft") return this.#drafted.promise;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#heard = (line) => {
      if (sign.test(line)) resolve();
    };
    if (this.lines.some(({ text }) => sign.test(text))) resolve();
    return promise;
  }

  [Symbol.dispose](): void {
    this.#watcher.close();
  }
}

const isOver = Symbol("over");
