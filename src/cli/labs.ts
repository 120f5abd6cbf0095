// What all `lab` commands share: which lab is meant, and how words become values.
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import { Problem } from "../environment/problem.ts";
import { running } from "../lab/client.ts";
import { Home, type Ticket } from "../lab/home.ts";

/** Absolute path of the project. */
export const project = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** The lab that is meant: `.lab` in the project, or what SUBSTRATE_LAB names. */
export const home = new Home(resolve(process.env.SUBSTRATE_LAB ?? join(project, ".lab")));

/** The running lab's ticket. Throws `Problem` where none runs. */
export async function ticket(): Promise<Ticket> {
  const found = await running(home);
  if (found !== undefined) return found;
  throw new Problem({
    subject: "lab",
    expected: "a running lab",
    remedy: "start it with `npm run lab -- up`",
  });
}

/** A word of the command line as a value. Throws `Problem`. */
export function parse<M extends z.ZodType>(model: M, text: string, expected: string): z.infer<M> {
  const parsed = model.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new Problem({ subject: JSON.stringify(text), expected, remedy: "see `npm run lab -- --help`" });
}

/** One line, or several, on standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
