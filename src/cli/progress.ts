// Progress of a certification on a terminal, in a log, or not at all.
import type { Progress } from "../certification/progress.ts";
import { Board, lineOf } from "./board.ts";
import { type Line, LiveBlock, type Screen, sizeOf } from "./terminal.ts";

/** Takes events as they happen; disposing of it leaves the terminal as it was, with the counts. */
export type Reporter = Disposable & { readonly report: (event: Progress) => void };

/** What the flags ask for: nothing at all, standard output for the document alone, beginnings and passes too. */
export type Choice = { readonly quiet: boolean; readonly json: boolean; readonly verbose: boolean };

/** Everything around a command that progress touches. */
export type Surroundings = {
  readonly stdout: Screen;
  readonly stderr: Screen;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Calls back when the process ends without having disposed of the reporter; gives back the way to call that off. */
  readonly atExit: (restore: () => void) => () => void;
};

/** Milliseconds that only go forward, and a beat. */
type Clock = {
  readonly now: () => number;
  /** Gives back the way to stop it. */
  readonly every: (ms: number, beat: () => void) => () => void;
};

/** Five times a second. */
const beatMs = 200;

/**
 * Chooses: nothing for `--quiet`; plain lines on standard error for `--json`, where standard output is the document's;
 * a live block where standard output is a terminal that may have colours; else plain lines on standard output.
 */
export function openProgress(choice: Choice, around: Surroundings = real): Reporter {
  if (choice.quiet) return silent;
  const screen = choice.json ? around.stderr : around.stdout;
  // A reader that has gone away (`| head`) must not end a repair half-way.
  screen.on("error", () => undefined);
  return !choice.json && isLive(screen, around.env) ? live(screen, around, choice) : plain(screen, choice);
}

const silent: Reporter = { report: () => undefined, [Symbol.dispose]: () => undefined };

/** NO_COLOR as https://no-color.org has it: any value but the empty one. */
function isLive(screen: Screen, env: Surroundings["env"]): boolean {
  return screen.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
}

function plain(screen: Screen, { verbose }: Choice): Reporter {
  return {
    report: (event) => {
      if (screen.writable && (verbose || event.kind !== "started")) screen.write(`${lineOf(event).text}\n`);
    },
    [Symbol.dispose]: () => undefined,
  };
}

/** Everything is drawn at the beat, however many events come at once. */
function live(screen: Screen, { clock, atExit }: Surroundings, { verbose }: Choice): Reporter {
  const board = new Board(clock.now(), verbose);
  const block = new LiveBlock(screen);
  let waiting: Line[] = [];
  const paint = () => {
    // The other half of the terminal is for what went wrong.
    const most = Math.floor(sizeOf(screen).rows / 2);
    if (screen.writable) block.show(waiting, board.lines(clock.now(), most));
    waiting = [];
  };
  const leave = () => {
    paint();
    block.close();
  };
  const stop = clock.every(beatMs, () => {
    if (block.ready) paint();
  });
  const callOff = atExit(leave);
  return {
    report: (event) => {
      const line = board.take(event, clock.now());
      if (line !== undefined) waiting.push(line);
    },
    [Symbol.dispose]: () => {
      stop();
      callOff();
      leave();
    },
  };
}

const real: Surroundings = {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  clock: {
    now: () => performance.now(),
    every: (ms, beat) => {
      const timer = setInterval(beat, ms).unref();
      return () => clearInterval(timer);
    },
  },
  atExit: (restore) => {
    process.once("exit", restore);
    return () => process.off("exit", restore);
  },
};
