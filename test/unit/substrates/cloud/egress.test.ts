import { describe, expect, it } from "vitest";
import { name } from "../../../../src/environment/name.ts";
import { secret } from "../../../../src/environment/secret.ts";
import { GuestMesh } from "../../../../src/probes/mesh.ts";
import type { Reading } from "../../../../src/probes/transport.ts";
import { planEgress } from "../../../../src/substrates/cloud/checks/egress.ts";
import type { CloudGuest } from "../../../../src/substrates/cloud/topology.ts";

const hostKey = secret.parse("a key");
const guest = (of: string): CloudGuest => {
  return { name: name.parse(of), role: name.parse("client"), address: "10.0.0.1", hostKey, forwards: false };
};
const [own, near, far] = [guest("own"), guest("near"), guest("far")];

/** Where `own` was seen to come from; `answers` says what becomes of a datagram, and who is not there has no address. */
function seen(there: readonly CloudGuest[], answers: (nonce: string) => Partial<Reading>) {
  const run = async (probes: readonly { readonly id: string; readonly argv: readonly string[] }[]) => {
    const reading = ({ argv }: (typeof probes)[number]): Reading => {
      const nonce = /printf %s (\w+)/.exec(argv.join(" "))?.[1] ?? "";
      return { exit: 0, stdout: "", stderr: "", truncated: false, ...answers(nonce) };
    };
    return new Map(probes.map((probe) => [probe.id, reading(probe)]));
  };
  const guests = [own, near, far];
  const mesh = new GuestMesh(Promise.resolve(), () => ({ run }));
  const addresses = new Map([near, far].map((one, at) => [one, `192.0.2.${at + 1}`]));
  const publicAddress = async (one: CloudGuest) => (there.includes(one) ? addresses.get(one) : undefined);
  const parts = { guests, responders: { udp: [51_820], tcp: [] }, mesh, publicAddress };
  return planEgress(own, parts)(AbortSignal.timeout(10_000));
}

const silent = () => ({ exit: 124 });
const echoed = (nonce: string) => ({ stdout: `${nonce} 198.51.100.7\n` });

describe("where a guest comes from when it goes out", () => {
  it("is told by whoever was reached, also where others are not there", async () => {
    expect(await seen([near, far], echoed)).toEqual(["198.51.100.7", "198.51.100.7"]);
    expect(await seen([near], echoed)).toEqual(["198.51.100.7"]);
  });

  it("is nowhere where all of its siblings are there and none was reached", async () => {
    expect(await seen([near, far], silent)).toEqual([]);
  });

  it("is not known where one that is there was not reached, and others are not there: it may be that one's fault", async () => {
    await expect(seen([near], silent)).rejects.toMatchObject({ name: "Unreadable" });
    await expect(seen([], silent)).rejects.toMatchObject({ name: "Unreadable" });
  });
});
