// Commands as they are given on a command line: whole words, which no shell reads.
import { z } from "zod";
import type { Argv } from "../qualification/group.ts";

const text = z.string().min(1);
const words = z.tuple([text], z.string());

/** `["program","argument"]`, or a program's path alone: what does not begin with `[` is one word, spaces and all. */
export const argv = text.transform((given, context): Argv => {
  if (!given.startsWith("[")) return [given];
  try {
    const [program, ...args] = words.parse(JSON.parse(given));
    return [program, ...args];
  } catch {
    context.addIssue({ code: "custom", message: 'a path, or a JSON list of words: ["program","argument"]' });
    return z.NEVER;
  }
});
