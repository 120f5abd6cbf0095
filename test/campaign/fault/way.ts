// The next repair on the healed world, and the ways out that TROUBLESHOOTING.md names where that is not enough.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Ground } from "./ground.ts";
import type { Next } from "./judge.ts";

/** Repairs, and repairs again after what its words ask a person for. */
export async function bringBack(ground: Ground): Promise<Next> {
  const first = await repair(ground);
  if (first.ended === 0) return { came: "at once", wrong: first.wrong };
  if (!(await followAdvice(ground, first.said))) return { came: "never", wrong: first.wrong };
  const second = await repair(ground);
  return { came: second.ended === 0 ? "by the way out" : "never", wrong: first.wrong };
}

async function repair(ground: Ground) {
  const { exitCode, all } = await ground.repairNow();
  const evidence = await ground.evidence("repair", ground.certification);
  const said = String(all);
  const repairs = said.split("\n").filter((line) => line.startsWith("repair "));
  const last = said.trimEnd().split("\n").slice(-3).join(" / ");
  return {
    said,
    ended: exitCode,
    wrong: exitCode === 0 ? repairs : [`${evidence.kind}, exit ${exitCode}: ${last}`, ...repairs],
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
