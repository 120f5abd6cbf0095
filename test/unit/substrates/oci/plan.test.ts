import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { drifts, faults } from "../../../../src/substrates/oci/drifts.ts";
import { type Oci, startOci } from "../../../support/oci.ts";

let oci: Oci;
beforeAll(async () => {
  oci = await startOci();
});
afterEach(() => oci.heal());
afterAll(() => oci[Symbol.asyncDispose]());

/** Answers that are no pass. */
function bad(answers: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(answers).filter(([, answer]) => !answer.startsWith("pass")));
}

const guests = ["router1", "router2", "client1", "client2"];

describe("a look at OCI", () => {
  it("passes every check of a substrate that is as declared, and changes nothing", async () => {
    const before = oci.world.effects.length;
    const answers = await oci.look();
    expect(bad(answers)).toEqual({});
    const perGuest = [
      ...["g.ssh", "g.cloudinit", "g.hostname", "g.addr", "g.userdata", "g.instanceid", "g.fw"],
      ...["oci.bootstrap", "oci.sshkey", "oci.pubip", "oci.metadata", "oci.eastwest", "oci.negative"],
    ];
    expect(Object.keys(answers).toSorted()).toEqual(
      [
        ...["oci.identity", "oci.regions", "oci.quotas", "oci.images", "oci.shapes"],
        ...["oci.network", "oci.routes", "oci.sg", "oci.inventory", "oci.filter"],
        ...perGuest.flatMap((id) => guests.map((guest) => `${id}@${guest}`)),
        ...["oci.fwdflag@router1", "oci.fwdflag@router2"],
      ].toSorted(),
    );
    expect(oci.world.effects).toHaveLength(before);
  });
});
