import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drifts } from "./drifts.ts";
import { type FarEnd, startFarEnd } from "./farend.ts";
import { Replay } from "./replay.ts";
import { recorded, stepOf } from "./transcript.ts";

const url = "https://images.example.test/noble-server-cloudimg-amd64.img";
const reads = ["02-preview-refresh", "02b-preview-norefresh", "02c-refresh"];
let far: FarEnd;
let replay: Replay;

beforeAll(async () => {
  far = await startFarEnd();
  far.cluster.web.set(url, { size: 612_368_384, virtualSize: 3_758_096_384, sha256: "0".repeat(64) });
  replay = new Replay(far);
});
afterAll(() => far[Symbol.asyncDispose]());

async function differences(step: string): Promise<string[]> {
  replay.differences.length = 0;
  await replay.send(stepOf(step));
  return replay.differences;
}

describe.skipIf(!recorded)(
  "what the real plugin was recorded to send (skipped without ../shared/pve)",
  () => {
    test("creating a substrate", async () => {
      expect(await differences("01-create")).toEqual([]);
    });

    test.each(reads)("reading it without changes: %s", async (step) => {
      expect(await differences(step)).toEqual([]);
    });

    test.each(Object.entries(drifts))("repairing %s", async (step, drift) => {
      await drift(far);
      expect(await differences(`${step}-repair`)).toEqual([]);
    });

    test("changing what is wanted", async () => {
      expect(await differences("60-update-rev2")).toEqual([]);
    });

    test("destroying it leaves what was there before", async () => {
      expect(await differences("90-destroy")).toEqual([]);
      const { vms, volumes, aliases, ipsets, firewalls, nodes } = far.cluster;
      expect([vms, volumes, aliases, ipsets, firewalls].map(({ size }) => size)).toEqual([0, 0, 0, 0, 0]);
      expect([...(nodes.get("pve1")?.live.keys() ?? [])]).toEqual(["eno1", "eno2", "vmbr0"]);
      expect(far.world.machines.size).toBe(0);
    });
  },
);
