// How the mesh grows: all guests that ping each other, beside one of them that does so alone.
import { median, repeat } from "./figures.ts";
import { startSides, type Work } from "./sides.ts";

/** Medians of one size at one latency. */
export type MeshCost = {
  readonly all: Work;
  /** One guest's session that pings all others, while nobody else does. */
  readonly alone: Work;
};

/** All guests at once and one of them alone, turn by turn, so that a busy machine is busy for both. */
export async function measureMesh(size: number, latency: number, runs: number): Promise<MeshCost> {
  await using sides = await startSides(size, latency);
  // What is compiled at first use is no matter of size.
  await sides.measure({ kind: "alone" });
  const turns = await repeat(runs, async () => {
    const alone = await sides.measure({ kind: "alone" });
    return { alone, all: await sides.measure({ kind: "mesh" }) };
  });
  return { all: medians(turns.map(({ all }) => all)), alone: medians(turns.map(({ alone }) => alone)) };
}

/** So many probes on one guest, in one batch and one after the other. Milliseconds of each run. */
export async function timeProbes(count: number, latency: number, runs: number) {
  await using sides = await startSides(1, latency);
  await sides.measure({ kind: "batched", count });
  return await repeat(runs, async () => {
    const { wall: batched } = await sides.measure({ kind: "batched", count });
    const { wall: single } = await sides.measure({ kind: "single", count });
    return { batched, single };
  });
}

function medians(turns: readonly Work[]): Work {
  const of = (figure: keyof Work) => median(turns.map((turn) => turn[figure]));
  return {
    wall: of("wall"),
    cpu: of("cpu"),
    lab: of("lab"),
    peak: Math.max(...turns.map(({ peak }) => peak)),
  };
}
