// What certifying costs: over a bare preview of the same stack, and of all substrates at once over the slowest alone.
import { substrateNames } from "../src/substrates/index.ts";
import { clouds, type Shell } from "./shell.ts";
import { timed } from "./time.ts";

/** Milliseconds of each run. */
export type Turns = { readonly certified: readonly number[]; readonly previewed: readonly number[] };

/** Certifies and previews one stack in turns, so that a busy machine is busy for both. */
export async function timeTurns(shell: Shell, turns: number): Promise<Turns> {
  const certified: number[] = [];
  const previewed: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    certified.push(await timed(() => shell.certify(["pve"])));
    previewed.push(await timed(() => shell.preview("pve")));
  }
  return { certified, previewed };
}

/** Milliseconds of each run. */
export type Times = {
  /** By substrate. */
  readonly alone: ReadonlyMap<string, readonly number[]>;
  readonly together: readonly number[];
};

/** What certifying takes, and what the engine takes by itself. */
export type Together = { readonly certified: Times; readonly previewed: Times };

/** Takes turns at one latency of the far ends, in ms. */
export async function timeTogether(shell: Shell, turns: number, latency: number): Promise<Together> {
  await shell.delay(latency);
  const certified = noTimes();
  const previewed = noTimes();
  for (let turn = 0; turn < turns; turn += 1) {
    for (const name of substrateNames) {
      certified.alone.get(name)?.push(await timed(() => shell.certify([name])));
      previewed.alone.get(name)?.push(await timed(() => shell.preview(name)));
    }
    certified.together.push(await timed(() => Promise.all([shell.certify(["pve"]), shell.certify(clouds)])));
    previewed.together.push(await timed(() => Promise.all(substrateNames.map(shell.preview))));
  }
  await shell.delay(0);
  return { certified, previewed };
}

function noTimes() {
  const alone = new Map(substrateNames.map((name): [string, number[]] => [name, []]));
  return { alone, together: [] as number[] };
}
