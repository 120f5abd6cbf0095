import { request } from "node:https";
import { expect, test } from "vitest";
import { z } from "zod";
import { pveDouble } from "../../../../../src/substrates/pve/double/double.ts";
import { World } from "../../../../../src/world/world.ts";

const overlay = z.object({
  "pve:endpoint": z.string(),
  "pve:token": z.string(),
  "pve:ca": z.string(),
  "pve:fingerprint": z.string(),
});
const bridge = "proxmoxve:network/linux/bridge:Bridge";

/** Who answers at the address, seen with nothing but what the lab environment is given. */
function ask(
  settings: z.infer<typeof overlay>,
  path: string,
): Promise<{ status: number; fingerprint: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `PVEAPIToken=${settings["pve:token"]}` };
    const outgoing = request(new URL(`api2/json/${path}`, settings["pve:endpoint"]), {
      ...{ headers, ca: settings["pve:ca"], agent: false },
      checkServerIdentity: (_, { fingerprint256 }) => {
        fingerprint = fingerprint256;
        return undefined;
      },
    });
    let fingerprint = "";
    outgoing.on("response", (incoming) => {
      incoming.resume().on("end", () => resolve({ status: incoming.statusCode ?? 0, fingerprint }));
    });
    outgoing.on("error", reject).end();
  });
}

test("what a lab environment is given leads to the API, past the authority and the pin", async () => {
  await using running = await pveDouble.start(new World());
  const settings = overlay.parse(running.overlay);
  expect(await ask(settings, "version")).toEqual({ status: 200, fingerprint: settings["pve:fingerprint"] });
});

test("an outsider's changes go through the provider, are no effects, and can be taken back", async () => {
  const world = new World();
  await using running = await pveDouble.start(world);
  const signal = AbortSignal.timeout(5000);
  const nothing = { inputs: {}, outputs: {} };
  const type = running.outsider.resource(bridge);
  const seen = await type.read("pve2:vmbr1", nothing, signal);
  expect(seen?.outputs).toMatchObject({ vlanAware: true, vids: "2-4094", comment: "lab uplink" });
  const restore = await running.capture(bridge, "pve2:vmbr1");
  const { inputs: olds = {} } = seen ?? {};
  world.breakDown("pve/down");
  await type.update(
    "pve2:vmbr1",
    { olds: { ...olds, ...seen?.outputs }, news: { ...olds, vlanAware: false, vids: undefined } },
    signal,
  );
  expect((await type.read("pve2:vmbr1", nothing, signal))?.outputs).toMatchObject({ vlanAware: false });
  expect(world.effects).toEqual([]);
  await restore();
  expect((await type.read("pve2:vmbr1", nothing, signal))?.outputs).toEqual(seen?.outputs);
});

test("every prepared drift and fault has a name of its own and a check of the catalogue's form", () => {
  const all = [...pveDouble.drifts, ...pveDouble.faults];
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  for (const { check } of all) expect(check).toMatch(/^(pve|g|X)(\.[a-z0-9]+)+$/);
  for (const { breaks } of pveDouble.faults) expect(breaks).toMatch(/^pve(\/[a-z0-9]+){1,2}$/);
});
