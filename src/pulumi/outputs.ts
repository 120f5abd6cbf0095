// Reads a stack's outputs as they were last written: no lock is taken, and no passphrase is needed for what is no secret.
import { Unreadable } from "../check/unreadable.ts";
import { type Asking, command, isUnknownStack, silenceOf } from "./command.ts";

/**
 * A stack's outputs, secrets blanked.
 * @returns none where the backend has no such stack
 * @throws Unreadable where the backend can not be asked
 */
export async function readOutputs(stack: string, asking: Asking): Promise<unknown> {
  const ended = await command(["stack", "output", "--json", "--stack", stack], asking);
  if (isUnknownStack(ended)) return undefined;
  if (ended.exitCode !== 0) throw silenceOf(ended);
  try {
    return JSON.parse(ended.stdout);
  } catch (cause) {
    throw new Unreadable("unparsable", `the outputs of ${stack}`, { cause });
  }
}
