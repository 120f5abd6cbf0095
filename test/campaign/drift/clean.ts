// What has not drifted must not be complained of.
import type { Site } from "./site.ts";

/** Certifies what is as declared so many times, one substrate after the other; gives what was no pass. */
export async function falseAlarms(
  site: Site,
  substrates: readonly string[],
  times: number,
): Promise<readonly string[]> {
  const alarms: string[] = [];
  for (let time = 0; time < times; time += 1) {
    const substrate = substrates[time % substrates.length] ?? "";
    await site.provision(substrate);
    const { exit, manifest } = await site.certify(substrate);
    const wrong = manifest?.checks.filter(({ result }) => result !== "pass") ?? [];
    if (exit !== 0)
      alarms.push(`${substrate}: exit ${exit}: ${wrong.map(({ summary }) => summary).join("; ")}`);
  }
  return alarms;
}
