// What the certifier's side does: sessions, batches and flows as certifying has them.
import type { Endpoint } from "../src/environment/common.ts";
import { duration } from "../src/environment/duration.ts";
import { type Name, name } from "../src/environment/name.ts";
import { Secret } from "../src/environment/secret.ts";
import { GuestMesh } from "../src/probes/mesh.ts";
import type { Probe } from "../src/probes/transport.ts";
import { openSession, type Session } from "../src/probes/transports/ssh.ts";
import { planTrial } from "../src/substrates/cloud/checks/trial.ts";
import { addressOf, labelOf } from "./guests.ts";
import type { Order } from "./sides.ts";

/** Does it to the end. Throws where a flow or a probe is not answered as it should be. */
export function carryOut({ ticket, size, work }: Order): Promise<void> {
  const access = accessOf(ticket);
  switch (work.kind) {
    case "mesh":
      return tryAll(access, range(size), size);
    case "alone":
      return tryAll(access, [size - 1], size);
    case "batched":
      return tryProbes(access, [probesOf(work.count)]);
    case "single":
      return tryProbes(
        access,
        probesOf(work.count).map((probe) => [probe]),
      );
  }
}

type Access = ReturnType<typeof accessOf>;

function accessOf({ port, hostKey, privateKey }: Order["ticket"]) {
  const jump = { host: "127.0.0.1", port, user: "jump", hostKey };
  // As stack config has it where nobody says otherwise.
  return { privateKey: new Secret(privateKey), jump, connectTimeout: duration.parse("10s") };
}

/** Each source has one session and one batch, in which it pings all others, when all sessions are open. */
async function tryAll(access: Access, sources: readonly number[], size: number): Promise<void> {
  await using closing = new AsyncDisposableStack();
  const guests = new Map(sources.map((index) => [nameOf(index), new Guest()]));
  const visit = (name: Name) => guests.get(name) ?? new Guest();
  const mesh = new GuestMesh(Promise.all([...guests.values()].map(({ settled }) => settled)), visit);
  const run = AbortSignal.timeout(300_000);
  await Promise.all(
    sources.map(async (index) => {
      // Each check has its own.
      const signal = AbortSignal.any([run]);
      const peers = range(size).filter((peer) => peer !== index);
      const attempts = peers.map((peer) =>
        planTrial(
          { protocol: "icmp" },
          { mesh, source: nameOf(index), address: async () => addressOf(peer) },
        ),
      );
      visit(nameOf(index)).meet(closing.use(await login(access, index, signal)));
      const tried = await Promise.all(attempts.map((attempt) => attempt(signal)));
      if (!tried.every(({ open }) => open)) throw new Error(`${labelOf(index)} does not reach all others`);
    }),
  );
}

class Guest {
  readonly #met = Promise.withResolvers<Session>();

  readonly settled = this.#met.promise.then(() => undefined);

  meet(session: Session): void {
    this.#met.resolve(session);
  }

  async run(probes: readonly Probe[], signal: AbortSignal) {
    return (await this.#met.promise).run(probes, signal);
  }
}

/** These batches on one guest, one after the other. */
async function tryProbes(access: Access, batches: readonly (readonly Probe[])[]): Promise<void> {
  const signal = AbortSignal.timeout(300_000);
  await using session = await login(access, 0, signal);
  for (const batch of batches) {
    const readings = await session.run(batch, signal);
    const silent = batch.filter(({ id }) => readings.get(id)?.exit !== 0);
    if (silent.length > 0) throw new Error(`${silent.length} of ${batch.length} probes were not answered`);
  }
}

function probesOf(count: number): readonly Probe[] {
  return range(count).map((index) => ({ id: `probe-${index}`, argv: ["hostname"], timeout: 5 }));
}

function login(access: Access, index: number, signal: AbortSignal): Promise<Session> {
  const endpoint: Endpoint = {
    ...{ name: nameOf(index), role: name.parse("guest") },
    ...{ host: addressOf(index), port: 22, user: "lab" },
  };
  return openSession(endpoint, { ...access, verify: () => true, signal });
}

function nameOf(index: number): Name {
  return name.parse(labelOf(index));
}

function range(size: number): readonly number[] {
  return Array.from({ length: size }, (_, index) => index);
}
