// Whether a stack stands still while it is looked at: what somebody's update changes meanwhile nobody can judge.
import type { Check } from "../check/check.ts";
import { Unreadable } from "../check/unreadable.ts";
import { type Checkpoint, readCheckpoint, seeCheckpoint } from "../engine/checkpoint.ts";
import { isAbandoned, lockOf } from "../engine/lock.ts";
import type { Asking } from "../pulumi/command.ts";
import { type Files, filesOf, markOf } from "../pulumi/files.ts";

type Beginning = Pick<Standstill, "before" | "files"> & { readonly mark: string | undefined };

/** A stack from some moment on. */
export class Standstill {
  /** Its checkpoint at that moment; none where there is no such stack. */
  readonly before: Checkpoint | undefined | Unreadable;
  /** Where the backend keeps it, if that is one in files. */
  readonly files: Files | undefined;
  readonly #stack: string;
  readonly #asking: Asking;
  readonly #mark: string | undefined;
  #current: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  private constructor(stack: string, asking: Asking, { before, files, mark }: Beginning) {
    this.before = before;
    this.files = files;
    this.#stack = stack;
    this.#asking = asking;
    this.#mark = mark;
  }

  /** From now on. */
  static async begin(stack: string, { engine, project, signal }: Asking): Promise<Standstill> {
    const asking = { engine, project, signal };
    const files = await filesOf(stack, asking).catch(() => undefined);
    // Before anything is read, so that whatever is written later shows.
    const mark = await markOf(files);
    return new Standstill(stack, asking, { before: await seeCheckpoint(stack, asking), files, mark });
  }

  /** The check, whose `fail` is none where somebody's update may have brought it about. */
  steady(check: Check): Check {
    const observe: Check["observe"] = async (signal) => {
      const outcome = await check.observe(signal);
      if (outcome.result === "fail") await this.demand();
      return outcome;
    };
    return { ...check, observe };
  }

  /**
   * Whoever asks while an answer is under way gets the one after, which was begun later.
   * @throws Unreadable where somebody updates the stack, or has done so since the beginning
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
    // One that can not be read belongs to nobody who is at it, and one who is gone changes nothing any more.
    const lock = await lockOf(this.files).catch(() => undefined);
    if (lock !== undefined && !isAbandoned(lock)) throw new Unreadable("moved", "locked");
    if (this.#mark !== undefined && this.#mark === (await markOf(this.files))) return;
    const { before } = this;
    if (before instanceof Unreadable) return;
    // Where no mark can tell, it is exported once more.
    const after = await readCheckpoint(this.#stack, this.#asking);
    if (after?.bytes !== before?.bytes) throw new Unreadable("moved", "written since");
  }
}
