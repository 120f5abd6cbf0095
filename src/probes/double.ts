// The driver's double: reads the same batch and prints the same frames, for guests that are no real machines.
import { driverArgv, driverCommand, outputBound } from "./driver.ts";

/** What a guest answers to one command. */
export type Answer = { readonly exit: number; readonly stdout: string; readonly stderr: string };

/** Whether a command is the driver and nothing else: as an SSH exec request has it, or as an argument list. */
export function isDriver(command: string | readonly string[]): boolean {
  if (typeof command === "string") return command === driverCommand;
  return command.length === driverArgv.length && driverArgv.every((word, index) => word === command[index]);
}

/**
 * Answers a batch as the driver would print it.
 * @param stdin all of the driver's stdin
 * @param run computes what one argument list comes to
 * @throws TypeError for text that `encodeBatch` does not write
 */
export function answerBatch(stdin: string, run: (argv: readonly string[]) => Answer): string {
  const [nonce = "", ...lines] = stdin.split("\n");
  const end = lines.indexOf("end");
  if (end === -1) throw new TypeError("a batch without an end");
  if (end > 0 && lines[end - 1] !== "") throw new TypeError("a queue without an end");
  const frames = lines.slice(0, end).flatMap((line) => {
    if (line === "") return [];
    const [id, , ...words] = line.split(" ");
    return frame(run(words.map(decodeWord))).map((part) => `${nonce} ${id} ${part}`);
  });
  return ["", `${nonce} begin`, ...frames, `${nonce} end`, ""].join("\n");
}

function decodeWord(word: string): string {
  if (word.startsWith("=")) return word.slice(1);
  const octal = word.slice(1).match(/\\0[0-7]{3}/g);
  if (!word.startsWith("+") || octal === null)
    throw new TypeError(`${JSON.stringify(word)} is no word of a batch`);
  return Buffer.from(octal.map((byte) => Number.parseInt(byte.slice(2), 8))).toString();
}

function frame({ exit, stdout, stderr }: Answer): readonly string[] {
  return [
    `r${exit}`,
    ...chunks(stdout).map((chunk) => `o${chunk}`),
    ...chunks(stderr).map((chunk) => `e${chunk}`),
    ".",
  ];
}

/** Lines of base64(1). */
function chunks(text: string): readonly string[] {
  const bounded = Buffer.from(text).subarray(0, outputBound + 1);
  return bounded.toString("base64").match(/.{1,76}/g) ?? [""];
}
