// A made-up world of many guests behind one jump host, and how long it takes to ask them.
import type { Endpoint } from "../src/environment/common.ts";
import { name } from "../src/environment/name.ts";
import { Secret } from "../src/environment/secret.ts";
import { startJump } from "../src/lab/guests.ts";
import { pingProbe } from "../src/probes/readers/ping.ts";
import type { Probe } from "../src/probes/transport.ts";
import { openSession, type Session } from "../src/probes/transports/ssh.ts";
import { boot } from "../src/world/boot.ts";
import { generateHostKey } from "../src/world/hostkey.ts";
import type { Machine } from "../src/world/machine.ts";
import { World } from "../src/world/world.ts";

/** Guests that all hang on one wire, and the way to log in to each. */
export type Mesh = AsyncDisposable & {
  readonly addresses: readonly string[];
  /** Logs in to one, through the jump host. */
  readonly visit: (index: number) => Promise<Session>;
};

/** A mesh of so many guests whose far ends answer after so many ms. */
export async function startMesh(size: number, latency: number): Promise<Mesh> {
  const world = new World();
  const key = generateHostKey();
  const machines = Array.from({ length: size }, (_, index) => machineOf(index, key.publicKey));
  for (const machine of machines) world.machines.set(machine.id, machine);
  const attachment = { segment: "bench", address: "10.77.0.1/16" };
  const jump = await startJump(world, { authorizedKey: key.publicKey, attachment });
  const settings = { host: "127.0.0.1", port: jump.port, user: "jump", hostKey: jump.hostKey };
  world.latency = latency;
  const access = { privateKey: new Secret(key.privateKey), jump: settings, connectTimeout: 60_000 };
  const signal = AbortSignal.timeout(600_000);
  return {
    addresses: machines.map((_, index) => addressOf(index)),
    visit: (index) => openSession(endpointOf(index), { ...access, verify: () => true, signal }),
    [Symbol.asyncDispose]: () => jump[Symbol.asyncDispose](),
  };
}

/** Every guest pings all others: one session and one batch each. Gives milliseconds. */
export async function timeMesh(mesh: Mesh): Promise<number> {
  return timed(async () => {
    await Promise.all(
      mesh.addresses.map(async (own, index) => {
        await using session = await mesh.visit(index);
        const peers = mesh.addresses.filter((address) => address !== own);
        const probes = peers.map((address, peer) => pingProbe(`ping-${peer}`, address));
        await answered(session, probes);
      }),
    );
  });
}

/** So many probes on one guest: in one batch, and one after the other. Gives milliseconds of both. */
export async function timeProbes(mesh: Mesh, count: number): Promise<{ batched: number; single: number }> {
  await using session = await mesh.visit(0);
  const probes = Array.from({ length: count }, (_, index): Probe => {
    return { id: `probe-${index}`, argv: ["hostname"], timeout: 5 };
  });
  const batched = await timed(() => answered(session, probes));
  const single = await timed(async () => {
    for (const probe of probes) await answered(session, [probe]);
  });
  return { batched, single };
}

/** Milliseconds that something takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function answered(session: Session, probes: readonly Probe[]): Promise<void> {
  const readings = await session.run(probes, AbortSignal.timeout(300_000));
  const silent = probes.filter(({ id }) => readings.get(id)?.exit !== 0);
  if (silent.length > 0) throw new Error(`${silent.length} of ${probes.length} probes were not answered`);
}

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

function endpointOf(index: number): Endpoint {
  const own = { name: name.parse(labelOf(index)), role: name.parse("guest") };
  return { ...own, host: addressOf(index), port: 22, user: "lab" };
}

function labelOf(index: number): string {
  return `guest${index}`;
}

/** From .2 on; good for 16,000 of them. */
function addressOf(index: number): string {
  return `10.77.${1 + (index >> 6)}.${2 + (index & 63)}`;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
