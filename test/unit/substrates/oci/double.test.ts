import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withProperty } from "../../../../src/lab/property.ts";
import { type Properties, unknown } from "../../../../src/substrates/double.ts";
import { ociProvider } from "../../../../src/substrates/oci/double/provider.ts";
import { type Oci, startOci } from "../../../support/oci.ts";

const signal = new AbortController().signal;
let oci: Oci;
beforeAll(async () => {
  oci = await startOci();
});
afterAll(() => oci[Symbol.asyncDispose]());

/** What an update of a declared thing to other inputs would do. */
function diffOf(name: string, path: string, value: unknown): readonly (readonly [string, string])[] {
  const thing = oci.thing(name);
  const changes = oci.session.resource(thing.type).diff(thing, withProperty(thing.inputs, path, value));
  return changes.map(({ path: changed, kind }) => [changed, kind]);
}

const create = (type: string, inputs: Properties) => oci.session.resource(type).create(inputs, signal);

describe("what an update does", () => {
  it.each([
    ["client1", "availabilityDomain", "Labx:EU-FRANKFURT-1-AD-2", "update-replace"],
    ["client1", "createVnicDetails.privateIp", "10.91.1.99", "update-replace"],
    ["client1", "createVnicDetails.skipSourceDestCheck", true, "update"],
    ["client1", "instanceOptions.areLegacyImdsEndpointsDisabled", false, "update"],
    ["client1", "shapeConfig.ocpus", 2, "update"],
    ["client1", "state", "STOPPED", "update"],
    ["client1", "freeformTags.Project", "other", "update"],
    ["client1", "metadata.user_data", "I2Nsb3VkLWNvbmZpZw==", "update"],
    ["network", "displayName", "other", "update"],
    ["gateway", "enabled", false, "update"],
    ["gateway", "vcnId", "ocid1.vcn.oc1..other", "update-replace"],
    ["subnet", "prohibitPublicIpOnVnic", true, "update-replace"],
    ["subnet", "routeTableId", "ocid1.routetable.oc1..other", "update"],
    ["client1-address", "privateIpId", "ocid1.privateip.oc1..other", "update"],
  ])("%s: another %s", (name, path, value, kind) => {
    expect(diffOf(name, path, value)).toEqual([[path, kind]]);
  });

  it("is nothing for rules in another order", () => {
    const { type, inputs, outputs, id } = oci.thing("security");
    const rules = [inputs.ingressSecurityRules].flat().toReversed();
    const reversed = { ...inputs, ingressSecurityRules: rules };
    expect(oci.session.resource(type).diff({ id, inputs, outputs }, reversed)).toEqual([]);
  });

  it("names a rule that is gone", () => {
    const [first] = [oci.thing("security").inputs.ingressSecurityRules].flat();
    const changes = diffOf("security", "ingressSecurityRules", [first]);
    expect(changes.length).toBe(4);
    for (const [path, kind] of changes) {
      expect(path).toMatch(/^ingressSecurityRules\[\d\]$/);
      expect(kind).toBe("delete");
    }
  });
});

describe("a preview", () => {
  it("makes nothing, and does not know what only making gives", () => {
    const { type, inputs } = oci.thing("client1");
    const before = oci.world.machines.size;
    expect(oci.session.resource(type).preview(inputs)).toMatchObject({ privateIp: unknown });
    expect(oci.world.machines.size).toBe(before);
  });

  it("checks inputs that it does not know yet by their names alone", () => {
    const { type, inputs } = oci.thing("client1");
    const double = oci.session.resource(type);
    expect(() => double.check({ ...inputs, availabilityDomain: unknown })).not.toThrow();
    expect(() => double.check({ ...inputs, colour: unknown })).toThrow("unexpected property colour");
    expect(() => double.check({ ...inputs, state: "ASLEEP" })).toThrow();
  });
});

describe("a network that was there before us", () => {
  it("is adopted as it is: what is declared of it differs in nothing but its name and tags", async () => {
    const vcn = oci.thing("network").id;
    const gateway = oci.thing("gateway").id;
    const config = oci.config({
      "oci:network": { cidr: "10.91.0.0/16", subnet: "10.91.1.0/24", adopt: { vcn, gateway } },
    });
    expect(config.network.adopt).toEqual({ vcn, gateway });
    for (const name of ["network", "gateway"]) {
      const { type, id, inputs } = oci.thing(name);
      const double = oci.session.resource(type);
      const found = await double.read(id, { inputs: {}, outputs: {} }, signal);
      if (found === undefined) throw new TypeError(name);
      const renamed = { ...inputs, displayName: "ours", freeformTags: { RouterdRunId: "run-of-ours" } };
      const changes = double.diff({ ...found, id }, double.check(renamed));
      for (const { path } of changes) expect(path).toMatch(/^(displayName|freeformTags)/);
      expect(found.inputs).toMatchObject({ compartmentId: inputs.compartmentId });
    }
  });
});

describe("the API refuses", () => {
  const launch = (path: string, value: unknown) => {
    const { inputs } = oci.thing("client1");
    const free = withProperty(inputs, "createVnicDetails.privateIp", "10.91.1.50");
    return create("oci:Core/instance:Instance", withProperty(free, path, value));
  };

  it.each([
    ["createVnicDetails.privateIp", "10.91.1.21", "400-InvalidParameter, Private IP"],
    ["createVnicDetails.privateIp", "10.91.1.1", "400-InvalidParameter, Private IP"],
    ["createVnicDetails.privateIp", "10.91.1.255", "400-InvalidParameter, Private IP"],
    ["createVnicDetails.privateIp", "10.92.1.21", "400-InvalidParameter, Private IP"],
    ["createVnicDetails.subnetId", "ocid1.subnet.oc1..other", "404-NotAuthorizedOrNotFound"],
    ["sourceDetails.sourceId", "ocid1.image.oc1..other", "404-NotAuthorizedOrNotFound"],
    ["shape", "VM.Standard.A1.Flex", "400-InvalidParameter, Shape"],
    ["availabilityDomain", "Labx:EU-FRANKFURT-1-AD-4", "400-InvalidParameter, Invalid availabilityDomain"],
    ["shapeConfig.ocpus", 50, "400-LimitExceeded"],
    ["metadata.user_data", "x".repeat(32_001), "400-InvalidParameter, The metadata"],
  ])("an instance with %s %j", async (path, value, code) => {
    await expect(launch(path, value)).rejects.toThrow(code);
  });

  it("to change what cloud-init has read, and to leave out what it stands on", async () => {
    const { type, id, inputs, outputs } = oci.thing("client1");
    const news = withProperty(inputs, "metadata.user_data", "");
    await expect(oci.session.resource(type).update(id, { olds: outputs, news }, signal)).rejects.toThrow(
      "Cannot update user_data",
    );
    for (const name of ["network", "subnet", "gateway", "security", "routes"]) {
      const thing = oci.thing(name);
      const removal = oci.session.resource(thing.type).delete(thing.id, thing.outputs, signal);
      await expect(removal, name).rejects.toThrow("409-Conflict");
    }
  });

  it("a second gateway of one network, and a second address of one interface", async () => {
    const again = (name: string) => create(oci.thing(name).type, oci.thing(name).inputs);
    await expect(again("gateway")).rejects.toThrow("400-LimitExceeded");
    await expect(again("client1-address")).rejects.toThrow("409-Conflict");
  });

  it("whoever shows another key, none, or one of another region", () => {
    const config = oci.config();
    const good = {
      ...{ tenancyOcid: config.tenancy.id, userOcid: config.caller, fingerprint: config.fingerprint },
      ...{ privateKey: config.privateKey?.reveal(), region: config.region },
    };
    const configure = (change: Properties) => () => ociProvider.configure({ ...good, ...change });
    expect(configure({})).not.toThrow();
    expect(configure({ fingerprint: "00:".repeat(15).concat("00") })).toThrow("401-NotAuthenticated");
    expect(configure({ userOcid: "ocid1.user.oc1..other" })).toThrow("401-NotAuthenticated");
    expect(configure({ privateKey: undefined })).toThrow("bad configuration");
    expect(configure({ region: "eu-zurich-1" })).toThrow("no such host");
  });
});

describe("the metadata service", () => {
  const ask = (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const machine = [...oci.world.machines.values()].find(
      ({ label, substrate }) => label === "client1" && substrate === "oci",
    );
    return machine?.metadata?.({ method: "GET", path, headers });
  };
  const authorization = "Bearer Oracle";

  it("answers by its second version, to whoever shows the header and comes by no proxy", () => {
    const { id } = oci.thing("client1");
    expect(ask("/opc/v2/instance/id", { authorization })).toEqual({ status: 200, body: id });
    expect(ask("/opc/v2/instance/id")?.status).toBe(401);
    expect(ask("/opc/v2/instance/id", { authorization, "x-forwarded-for": "10.0.0.1" })?.status).toBe(403);
    expect(ask("/opc/v2/instance/colour", { authorization })?.status).toBe(404);
  });

  it("has no first version where that is switched off, and has one where it is not", async () => {
    expect(ask("/opc/v1/instance/id")?.status).toBe(404);
    await oci.drift("oci-legacy-metadata");
    expect(ask("/opc/v1/instance/id")?.status).toBe(200);
    await oci.heal();
  });
});

describe("an instance that is made anew", () => {
  it("is another one, with the same address inside, and without the public one of the old", async () => {
    const { type, id, outputs, inputs } = oci.thing("client1");
    const address = oci.thing("client1-address");
    const double = oci.session.resource(type);
    await double.delete(id, outputs, signal);
    expect(await double.read(id, { inputs, outputs }, signal)).toBeUndefined();
    const free = await oci.session.resource(address.type).read(address.id, address, signal);
    expect(free?.outputs).toMatchObject({ privateIpId: "", state: "AVAILABLE" });
    const restore = await oci.running.capture(type, id);
    const again = await double.create(inputs, signal);
    expect(again.id).not.toBe(id);
    expect(again.outputs).toMatchObject({ privateIp: outputs.privateIp, publicIp: "" });
    // What has been repaired since is not undone.
    await restore();
    expect(await double.read(again.id, { inputs, outputs }, signal)).toBeDefined();
  });

  it("is not put back beside the one that took its place, and the old one stays listed", async () => {
    const { type, id, inputs } = oci.thing("client2");
    const restore = await oci.running.capture(type, id);
    await oci.session.resource(type).delete(id, {}, signal);
    const again = await oci.session.resource(type).create(inputs, signal);
    await restore();
    const args = { compartmentId: oci.config().compartment.id };
    const listed = await oci.session.invoke("oci:Core/getInstances:getInstances", args, signal);
    expect(listed.instances).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id, state: "TERMINATED" }),
        expect.objectContaining({ id: again.id, state: "RUNNING" }),
      ]),
    );
  });
});
