// The next repair on the healed world, and the ways out that TROUBLESHOOTING.md names where that is not enough.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Case } from "./cases.ts";
import type { Ground } from "./ground.ts";
import type { Next } from "./judge.ts";

/** How often it is tried: on a busy machine far ends are silent for longer than anybody waits. */
const tries = 3;

/**
 * Repairs; again after what its words ask a person for, and where they ask for nothing. Where all is as it was certified
 * it would but come to the same again; what a bad disk has done may be elsewhere.
 */
export async function bringBack(ground: Ground, { what }: Case): Promise<Next> {
  if (what.kind !== "disk" && (await ground.isAsCertified()))
    return { came: "at once", differed: [], trouble: "" };
  const first = await repair(ground);
  const { differed, trouble } = first;
  if (first.whole) return { came: "at once", differed, trouble };
  let [last, told] = [first, false];
  for (let tried = 1; tried < tries; tried += 1) {
    told = (await followAdvice(ground, last.said)) || told;
    last = await repair(ground);
    if (last.whole) return { came: told ? "by the way out" : "at a later try", differed, trouble };
  }
  return { came: "never", differed, trouble: `${trouble} // ${last.trouble}` };
}

async function repair(ground: Ground) {
  const { exitCode, said, whole } = await ground.repairNow();
  const lines = said.trimEnd().split("\n");
  const wrong = lines.filter((line) => /^(fail|blocked) /.test(line) && !line.includes("could not look: g."));
  return {
    said,
    whole,
    differed: lines.filter((line) => /^(repair|fail) /.test(line)),
    trouble: [`exit ${exitCode}`, ...wrong.slice(-4), ...lines.slice(-2)].join(" / "),
  };
}

/** Does what a person is told to; false where nothing is told. */
async function followAdvice(ground: Ground, said: string): Promise<boolean> {
  const { bench, stack } = ground;
  const [, damaged] = /checkpoint of (\S+) is damaged/.exec(said) ?? [];
  if (damaged !== undefined) await putBack(ground, damaged);
  else if (said.includes("checkpoint is damaged")) await putBack(ground, stack);
  else if (said.includes("--clear-pending-creates"))
    await bench.tryPulumi("refresh", "--yes", "--skip-preview", "-s", stack, "--clear-pending-creates");
  else if (said.includes("locked by")) await bench.tryPulumi("cancel", "--yes", "-s", stack);
  else return false;
  return true;
}

/** The newest whole copy of the history takes the checkpoint's place. */
async function putBack({ bench }: Ground, stack: string): Promise<void> {
  const state = join(bench.home.backend, ".pulumi");
  const history = join(state, "history/substrate", stack);
  const names = (await readdir(history)).filter((name) => name.endsWith(".checkpoint.json")).toSorted();
  const texts = await Promise.all(names.map((name) => readFile(join(history, name), "utf8")));
  await writeFile(join(state, "stacks/substrate", `${stack}.json`), texts.findLast(isWhole) ?? "");
}

function isWhole(text: string): boolean {
  try {
    return JSON.parse(text) !== null;
  } catch {
    return false;
  }
}
