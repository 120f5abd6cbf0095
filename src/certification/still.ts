// Whether stacks stand still while they are looked at: what somebody's update changes meanwhile nobody can judge.
import { setTimeout as pause } from "node:timers/promises";
import type { Check } from "../check/check.ts";
import { Unreadable, unseen } from "../check/unreadable.ts";
import { type Checkpoint, readCheckpoint, seeCheckpoint } from "../engine/checkpoint.ts";
import { holderOf, isAbandoned, type Lock, Locked, lockOf } from "../engine/lock.ts";
import { type Files, filesOf, markOf } from "../pulumi/files.ts";
import type { Means } from "./subject.ts";

/** What is known of a stack at some moment. */
type Beginning = {
  readonly stack: string;
  readonly before: Checkpoint | undefined | Unreadable;
  readonly files: Files | undefined;
  readonly mark: string | undefined;
};

/** A stack from some moment on. */
export class Standstill {
  readonly #beginning: Beginning;
  readonly #means: Means;
  #isTold = false;
  #current: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  private constructor(beginning: Beginning, means: Means) {
    this.#beginning = beginning;
    this.#means = means;
  }

  /** Its checkpoint at that moment; none where there is no such stack. */
  get before(): Beginning["before"] {
    return this.#beginning.before;
  }

  /** From now on. */
  static async begin(stack: string, means: Means): Promise<Standstill> {
    const files = await filesOf(stack, means).catch(() => undefined);
    // Before anything is read, so that whatever is written later shows.
    const mark = await markOf(files);
    return new Standstill({ stack, before: await seeCheckpoint(stack, means), files, mark }, means);
  }

  /**
   * A preview does not look at locks: during somebody's update it shows half a stack.
   * @throws Locked where an update is under way, or died on the way
   */
  async refuseLocked(): Promise<void> {
    const lock = await lockOf(this.#beginning.files);
    if (lock === undefined) return;
    this.#tell(lock);
    throw new Locked(lock);
  }

  /**
   * Whoever asks while an answer is under way gets the one after, which was begun later.
   * @throws Unreadable `moved` where somebody updates the stack, as far as its backend shows its locks, or has done so
   *   since the beginning; other reasons where that can not be told
   */
  demand(): Promise<void> {
    this.#next ??= this.#current
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        this.#current = this.#ask();
        return this.#current;
      });
    return this.#next;
  }

  async #ask(): Promise<void> {
    const { stack, files } = this.#beginning;
    // One that can not be read belongs to nobody who is at it, and one who is gone changes nothing any more.
    const lock = await lockOf(files).catch(() => undefined);
    if (lock !== undefined && !isAbandoned(lock)) {
      this.#tell(lock);
      throw new Unreadable("moved", `${stack} is locked by ${holderOf(lock)}`);
    }
    if (await this.#isWritten()) throw new Unreadable("moved", `${stack} has been written since`);
  }

  /** Where no mark can tell, the stack is exported once more. */
  async #isWritten(): Promise<boolean> {
    const { stack, before, files, mark } = this.#beginning;
    const now = await markOf(files);
    const areMarked = mark !== undefined && now !== undefined;
    if (areMarked && mark === now) return false;
    if (before instanceof Unreadable) return areMarked;
    if (before === undefined && files !== undefined && now === undefined) return false;
    return (await readCheckpoint(stack, this.#means))?.bytes !== before?.bytes;
  }

  /** People are told once; evidence gets only since when. */
  #tell(lock: Lock): void {
    if (this.#isTold) return;
    this.#isTold = true;
    const gone = isAbandoned(lock) ? "; that process is gone, and --repair removes its lock" : "";
    const text = `${this.#beginning.stack} is locked by ${holderOf(lock)}${gone}`;
    this.#means.progress({ kind: "note", text });
  }
}

/** The check, whose `fail` is none where somebody's update of what it looks at may have brought it about. */
export function steadied(
  check: Check,
  grounds: readonly Promise<Standstill>[],
  debug: Means["debug"],
): Check {
  const observe: Check["observe"] = async (signal) => {
    const outcome = await check.observe(signal);
    if (outcome.result !== "fail") return outcome;
    const moved = (await Promise.all(grounds.map(movedOn))).find((error) => error !== undefined);
    if (moved === undefined) return outcome;
    debug(`${moved.message}: "${outcome.summary}" is not held against it`);
    // Whoever it is that answers in its place: no repair may touch it.
    return outcome.impostor === true ? { ...unseen(moved), impostor: true } : unseen(moved);
  };
  return { ...check, observe };
}

/** Longer than a backend takes that can tell, in ms; a check's own deadline must not end it meanwhile. */
const patience = 5_000;

/** None also where nobody can tell: what was seen to be wrong was seen. */
async function movedOn(ground: Promise<Standstill>): Promise<Unreadable | undefined> {
  try {
    const asked = ground.then((still) => still.demand());
    await Promise.race([asked, pause(patience, undefined, { ref: false })]);
  } catch (error) {
    if (error instanceof Unreadable && error.reason === "moved") return error;
  }
  return undefined;
}
