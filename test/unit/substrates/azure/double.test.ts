import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withProperty } from "../../../../src/lab/property.ts";
import { changesOf, refreshed } from "../../../../src/substrates/azure/double/native.ts";
import { azureProvider } from "../../../../src/substrates/azure/double/provider.ts";
import { type Properties, unknown } from "../../../../src/substrates/double.ts";
import { type Azure, startAzure } from "../../../support/azure.ts";

const signal = new AbortController().signal;
let azure: Azure;
beforeAll(async () => {
  azure = await startAzure();
});
afterAll(() => azure[Symbol.asyncDispose]());

/** What an update of a declared thing to other inputs would do. */
function diffOf(name: string, path: string, value: unknown): readonly (readonly [string, string])[] {
  const thing = azure.thing(name);
  const changes = azure.session.resource(thing.type).diff(thing, withProperty(thing.inputs, path, value));
  return changes.map(({ path: changed, kind }) => [changed, kind]);
}

const double = (name: string) => azure.session.resource(azure.thing(name).type);
const update = (name: string, path: string, value: unknown) => {
  const { id, inputs, outputs } = azure.thing(name);
  return double(name).update(id, { olds: outputs, news: withProperty(inputs, path, value) }, signal);
};

describe("what an update does", () => {
  it.each([
    ["client1", "vmName", "other", "vmName", "update-replace"],
    ["client1", "location", "northeurope", "location", "update-replace"],
    ["client1", "osProfile.customData", "b3RoZXI=", "osProfile.customData", "update"],
    ["client1", "hardwareProfile.vmSize", "Standard_B1s", "hardwareProfile.vmSize", "update"],
    ["client1-nic", "enableIPForwarding", true, "enableIPForwarding", "update"],
    ["client1-address", "sku.name", "Basic", "sku.name", "update-replace"],
    ["network", "location", "northeurope", "location", "update-replace"],
    ["network", "addressSpace.addressPrefixes[0]", "10.0.0.0/8", "addressSpace.addressPrefixes[0]", "update"],
    ["subnet", "addressPrefix", "10.91.2.0/24", "addressPrefix", "update"],
    ["security", "securityRules[0].priority", 105, "securityRules[0].priority", "update"],
    ["routes", "routes", [], "routes[0]", "delete"],
    ["key", "publicKey", "ssh-ed25519 AAAA", "publicKey", "update"],
  ])("%s: another %s", (name, path, value, changed, kind) => {
    expect(diffOf(name, path, value)).toEqual([[changed, kind]]);
  });

  it("is a change for each rule that stands at another place: rules are compared by their place in the list", () => {
    const { inputs } = azure.thing("security");
    const rules = Array.isArray(inputs.securityRules) ? inputs.securityRules.toReversed() : [];
    expect(diffOf("security", "securityRules", rules).length).toBeGreaterThan(6);
  });
});

describe("a refresh", () => {
  it("takes in what changed between two readings, and nothing that nobody declared", () => {
    const inputs = { size: "small", list: [{ a: 1 }] };
    const before = { size: "small", list: [{ a: 1, b: 2 }], filled: "in" };
    expect(refreshed(inputs, before, before)).toEqual(inputs);
    const after = {
      size: "big",
      list: [
        { a: 1, b: 2 },
        { a: 3, b: 4 },
      ],
      filled: "out",
    };
    expect(refreshed(inputs, before, after)).toEqual({
      ...{ size: "big", filled: "out" },
      list: [{ a: 1 }, { a: 3, b: 4 }],
    });
    expect(refreshed(inputs, before, { filled: "in" })).toEqual({});
  });

  it("tells null from nothing as little as the engine does", () => {
    expect(changesOf({ a: null }, {}, new Set())).toEqual([]);
  });

  it("does not see user data and custom data that somebody changed", async () => {
    const thing = azure.thing("client1");
    const undo = await azure.running.meddle(
      [{ method: "PUT", path: "/userData", form: { Guest: "client1" } }],
      signal,
    );
    const read = await double("client1").read(thing.id, thing, signal);
    await undo();
    expect(read?.inputs).toEqual(thing.inputs);
  });
});

describe("a preview", () => {
  it("makes nothing, and does not know what only making gives", () => {
    const { inputs } = azure.thing("client1");
    const before = azure.world.machines.size;
    expect(double("client1").preview(inputs)).toMatchObject({ vmId: unknown, vmName: inputs.vmName });
    expect(azure.world.machines.size).toBe(before);
  });

  it("checks inputs that it does not know yet by their names alone, and the others to their depth", () => {
    const { inputs } = azure.thing("client1");
    const { check } = double("client1");
    expect(() => check({ ...inputs, userData: unknown })).not.toThrow();
    expect(() => check({ ...inputs, colour: unknown })).toThrow("unexpected property colour");
    expect(() => check({ ...inputs, location: 5 })).toThrow();
    expect(() => check(withProperty(inputs, "osProfile.colour", "red"))).toThrow(
      "unexpected property osProfile.colour",
    );
  });
});

describe("the API refuses", () => {
  it.each([
    ["client1", "osProfile.customData", "b3RoZXI=", "PropertyChangeNotAllowed"],
    ["client1", "osProfile.computerName", "other", "PropertyChangeNotAllowed"],
    ["client1", "storageProfile.imageReference.version", "1.0.0", "PropertyChangeNotAllowed"],
    ["client1-nic", "ipConfigurations[0].privateIPAddress", "10.91.1.22", "PrivateIPAddressNotAvailable"],
    ["client1-nic", "ipConfigurations[0].privateIPAddress", "10.92.1.22", "PrivateIPAddressNotAvailable"],
    ["network", "addressSpace.addressPrefixes[0]", "10.99.0.0/16", "InUsePrefixCannotBeDeleted"],
    ["subnet", "addressPrefix", "10.99.1.0/24", "NetcfgInvalidSubnet"],
    ["security", "securityRules[0].priority", 110, "SecurityRuleConflict"],
    ["routes", "routes[0].nextHopType", "VirtualAppliance", "InvalidRouteNextHopIpAddress"],
  ])("%s with another %s", async (name, path, value, code) => {
    await expect(update(name, path, value)).rejects.toThrow(`Code="${code}"`);
  });

  it("to take away what something else stands on", async () => {
    const codes = {
      network: "InUseSubnetCannotBeDeleted",
      subnet: "InUseSubnetCannotBeDeleted",
      routes: "InUseRouteTableCannotBeDeleted",
      security: "InUseNetworkSecurityGroupCannotBeDeleted",
      "client1-nic": "NicInUse",
      "client1-address": "PublicIPAddressCannotBeDeleted",
    };
    for (const [name, code] of Object.entries(codes)) {
      const { id, outputs } = azure.thing(name);
      await expect(double(name).delete(id, outputs, signal), name).rejects.toThrow(`Code="${code}"`);
    }
  });

  it("a thing that is there already", async () => {
    await expect(double("key").create(azure.thing("key").inputs, signal)).rejects.toThrow("already existing");
  });

  it("more cores than the family's quota, and what the location does not have", async () => {
    const { id, outputs, inputs } = azure.thing("client2");
    const restore = await azure.running.capture(azure.thing("client2").type, id);
    await double("client2").delete(id, outputs, signal);
    const make = (path: string, value: unknown) =>
      double("client2").create(withProperty(inputs, path, value), signal);
    await expect(make("hardwareProfile.vmSize", "Standard_B4ms")).rejects.toThrow("SkuNotAvailable");
    await expect(make("hardwareProfile.vmSize", "Standard_D99")).rejects.toThrow("InvalidParameter");
    await expect(make("storageProfile.imageReference.version", "1.0.0")).rejects.toThrow(
      "PlatformImageNotFound",
    );
    await expect(make("resourceGroupName", "nobodys")).rejects.toThrow("ResourceGroupNotFound");
    const undo = await azure.running.meddle(
      [{ method: "PUT", path: "/limits", form: { Name: "standardBSFamily", Limit: "7" } }],
      signal,
    );
    await expect(make("tags", {})).rejects.toThrow("OperationNotAllowed");
    await undo();
    await restore();
    expect(await double("client2").read(id, azure.thing("client2"), signal)).toBeDefined();
  });

  it("whoever shows another secret, and a program that is meant for another subscription", () => {
    const { "azure:clientId": clientId, "azure:clientSecret": clientSecret } = azure.raw;
    const { "azure:subscription": subscriptionId, "azure:tenant": tenantId } = azure.raw;
    const own = { clientId, clientSecret, subscriptionId, tenantId };
    const configure = (change: Properties) => azureProvider.configure({ ...own, ...change });
    expect(() => configure({})).not.toThrow();
    expect(() => configure({ clientSecret: "other" })).toThrow("AADSTS7000215");
    expect(() => configure({ clientId: undefined })).toThrow("AADSTS7000215");
    expect(() => configure({ subscriptionId: "other" })).toThrow("SubscriptionNotFound");
  });
});

describe("a resource group that is taken away", () => {
  it("takes along everything that is in it, and its machines are off", async () => {
    await using other = await startAzure();
    const { type, id, outputs } = other.thing("group");
    const running = () => [...other.world.machines.values()].filter(({ substrate }) => substrate === "azure");
    expect(running()).toHaveLength(4);
    await other.session.resource(type).delete(id, outputs, signal);
    expect(running()).toEqual([]);
  });
});

describe("a machine that is made anew", () => {
  it("is another one behind the same interface and addresses, and is not undone", async () => {
    const { id, outputs, inputs } = azure.thing("client1");
    const nic = azure.thing("client1-nic");
    const restore = await azure.running.capture(azure.thing("client1").type, id);
    await double("client1").delete(id, outputs, signal);
    expect(await double("client1").read(id, { inputs, outputs }, signal)).toBeUndefined();
    const again = await double("client1").create(inputs, signal);
    expect(again.id).toBe(id);
    expect(again.outputs.vmId).not.toBe(outputs.vmId);
    const read = await double("client1-nic").read(nic.id, nic, signal);
    expect(read?.inputs).toEqual(nic.inputs);
    await restore();
    expect((await double("client1").read(id, { inputs, outputs }, signal))?.outputs.vmId).toBe(
      again.outputs.vmId,
    );
  });
});
