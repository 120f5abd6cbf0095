// What has not drifted must not be complained of.
import type { Site } from "./site.ts";

type Clean = {
  readonly substrates: readonly string[];
  readonly times: number;
  /** Is told of each run, and why where it was no pass. */
  readonly tell: (alarm: string | undefined) => void;
};

/** Certifies what is as declared so many times, one substrate after the other. */
export async function lookForAlarms(site: Site, { substrates, times, tell }: Clean): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const substrate = substrates[time % substrates.length] ?? "";
    await site.provision(substrate);
    const { exit, manifest } = await site.certify(substrate);
    const wrong = manifest?.checks.filter(({ result }) => result !== "pass") ?? [];
    const why = wrong.map(({ summary }) => summary).join("; ");
    tell(exit === 0 ? undefined : `${substrate}: exit ${exit}: ${why}`);
  }
}
