// The lab's side of the mesh, in a process of its own: many guests on one wire behind one jump host.
import { getEachMessage, sendMessage } from "execa";
import { z } from "zod";
import { startJump } from "../src/lab/guests.ts";
import { boot } from "../src/world/boot.ts";
import { generateHostKey } from "../src/world/hostkey.ts";
import type { Machine } from "../src/world/machine.ts";
import { World } from "../src/world/world.ts";
import { addressOf, labelOf } from "./guests.ts";
import { spent } from "./time.ts";

const [size, latency] = z.tuple([z.coerce.number(), z.coerce.number()]).parse(process.argv.slice(2));
const world = new World();
const key = generateHostKey();
for (let index = 0; index < size; index += 1) {
  const machine = machineOf(index, key.publicKey);
  world.machines.set(machine.id, machine);
}
const attachment = { segment: "bench", address: "10.77.0.1/16" };
await using jump = await startJump(world, { authorizedKey: key.publicKey, attachment });
// A round trip each for connecting, shaking hands and asking: whoever is asked waits before it answers.
world.latency = latency;
await sendMessage({ port: jump.port, hostKey: jump.hostKey, privateKey: key.privateKey });
// Until whoever started this hangs up.
for await (const _asked of getEachMessage()) await sendMessage({ cpu: spent() });

function machineOf(index: number, publicKey: string): Machine {
  const seed = {
    datasource: "nocloud",
    userData: "#cloud-config\n",
    instanceId: `instance-${index}`,
    hostname: labelOf(index),
    users: { lab: [publicKey] },
    nics: [{ address: `${addressOf(index)}/16` }],
  };
  return {
    id: `bench/${index}`,
    substrate: "bench",
    label: labelOf(index),
    startedAt: 0,
    readyAt: 0,
    nics: [{ mac: `02:00:00:00:${hex(index >> 8)}:${hex(index & 255)}`, segment: "bench" }],
    system: boot(seed, undefined, { agent: true, forwarding: false }),
  };
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
