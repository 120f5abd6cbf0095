// What the commands' exit codes mean.
import type { Status } from "../manifest/model.ts";

/** Exit codes of the contract's commands; a shell only needs to know that 0 is certified. */
export const exitCodes = { certified: 0, failed: 1, usage: 2, blocked: 3 } as const;

/** The exit codes in words, for `--help`. */
export const exitMeanings: readonly (readonly [code: number, meaning: string])[] = [
  [exitCodes.certified, "certified"],
  [exitCodes.failed, "not certified: the environment is not usable, or its certification has expired"],
  [exitCodes.usage, "wrong usage or configuration; nothing was looked at"],
  [exitCodes.blocked, "not certified: something could not be inspected or repaired"],
];

/** The exit code for a manifest's status. */
export function exitCode(status: Status): number {
  const codes = {
    pass: exitCodes.certified,
    fail: exitCodes.failed,
    expired: exitCodes.failed,
    blocked: exitCodes.blocked,
  };
  return codes[status];
}
