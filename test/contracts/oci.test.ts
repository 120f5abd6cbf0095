// The double of the oci plugin against the SDK's own types: every key that it takes or gives must be one of theirs.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Properties } from "../../src/substrates/double.ts";
import { tokens } from "../../src/substrates/oci/double/provider.ts";
import { type Oci, startOci } from "../support/oci.ts";
import { membersOf, strangers } from "../support/sdk.ts";

let oci: Oci;
beforeAll(async () => {
  oci = await startOci();
});
afterAll(() => oci[Symbol.asyncDispose]());

const signal = new AbortController().signal;

/** `oci:Core/getVcns:getVcns` → `core/getVcns` */
function moduleOf(token: string): string {
  const [folder = "", name = ""] = (token.split(":")[1] ?? "").split("/");
  return `${folder.toLowerCase()}/${name}`;
}

/** The members of one of a module's interfaces. */
const membersIn = (module: string, suffix: string) => membersOf("@pulumi/oci", module, { suffix });

describe("resources", () => {
  it("are all made by the declaration", () => {
    const made = new Set([...oci.things.values()].map(({ type }) => type));
    expect([...made].toSorted()).toEqual(tokens.types.toSorted());
  });

  it.each(tokens.types)("%s gives the outputs that the SDK knows, made, previewed and read", async (type) => {
    const thing = [...oci.things.values()].find((one) => one.type === type);
    if (thing === undefined) throw new TypeError(type);
    const members = membersIn(moduleOf(type), "State");
    const double = oci.session.resource(type);
    expect(strangers(thing.outputs, members)).toEqual([]);
    const read = await double.read(thing.id, thing, signal);
    expect(strangers(read?.outputs ?? {}, members)).toEqual([]);
    const args = membersIn(moduleOf(type), "Args");
    expect(strangers(read?.inputs ?? {}, args)).toEqual([]);
    for (const key of Object.keys(double.preview(thing.inputs))) expect(members.has(key), key).toBe(true);
    // Nothing has changed: a refresh takes nothing in that nobody declared.
    expect(double.diff({ ...thing, outputs: read?.outputs ?? {} }, thing.inputs)).toEqual([]);
    expect(double.diff({ ...thing, outputs: read?.outputs ?? {} }, read?.inputs ?? {})).toEqual([]);
  });
});

describe("functions", () => {
  const asked = (token: string): Properties => {
    const compartmentId = "ocid1.compartment.oc1..exampleuniquecompartmentid";
    const tenancyId = "ocid1.tenancy.oc1..exampleuniquetenancyid";
    const availabilityDomain = "Labx:EU-FRANKFURT-1-AD-1";
    const imageId = "ocid1.image.oc1.eu-frankfurt-1.exampleuniqueimageid";
    const limit = { serviceName: "vcn", limitName: "vcn-count" };
    const particular: Readonly<Record<string, Properties>> = {
      getNamespace: {},
      getTenancy: { tenancyId },
      getRegionSubscriptions: { tenancyId },
      getUser: { userId: oci.raw["oci:caller"] },
      getCompartment: { id: compartmentId },
      getAvailabilityDomains: { compartmentId: tenancyId },
      getFaultDomains: { compartmentId: tenancyId, availabilityDomain },
      getLimitDefinitions: { compartmentId: tenancyId, serviceName: "vcn" },
      getResourceAvailability: { compartmentId: tenancyId, ...limit },
      getImage: { imageId },
      getImageShapes: { imageId },
      getShapes: { compartmentId, availabilityDomain, imageId },
      getVnicAttachments: { compartmentId, instanceId: oci.thing("client1").id },
      getPrivateIps: { subnetId: oci.thing("subnet").id, ipAddress: "10.91.1.21" },
      getPublicIps: { compartmentId, scope: "REGION" },
    };
    return particular[token.split(":")[2] ?? ""] ?? { compartmentId };
  };

  it.each(tokens.functions.filter((token) => !token.endsWith(":getVnic")))(
    "%s answers with the results that the SDK knows",
    async (token) => {
      const args = asked(token);
      const answer = await oci.session.invoke(token, args, signal);
      expect(strangers(answer, membersIn(moduleOf(token), "Result"))).toEqual([]);
      expect(Object.keys(answer).length).toBeGreaterThan(0);
      expect(strangers(args, membersIn(moduleOf(token), "Args"))).toEqual([]);
    },
  );

  it("tell of an interface by the id that its attachment tells", async () => {
    const token = "oci:Core/getVnicAttachments:getVnicAttachments";
    const { vnicAttachments } = await oci.session.invoke(token, asked(token), signal);
    const [attachment] = Array.isArray(vnicAttachments) ? vnicAttachments : [];
    const args = { vnicId: attachment?.vnicId };
    const answer = await oci.session.invoke("oci:Core/getVnic:getVnic", args, signal);
    expect(strangers(answer, membersIn("core/getVnic", "Result"))).toEqual([]);
    expect(answer).toMatchObject({ privateIpAddress: "10.91.1.21", skipSourceDestCheck: false });
  });

  it("refuse what they do not know: a token, an argument, a compartment, a limit's scope", async () => {
    const ask = (token: string, args: Properties) => oci.session.invoke(token, args, signal);
    const vcns = "oci:Core/getVcns:getVcns";
    await expect(ask("oci:oci/getResourceSearch:getResourceSearch", {})).rejects.toThrow("unknown function");
    await expect(ask(vcns, { ...asked(vcns), colour: "red" })).rejects.toThrow("colour");
    await expect(ask(vcns, { compartmentId: "ocid1.compartment.oc1..other" })).rejects.toThrow(
      "404-NotAuthorizedOrNotFound",
    );
    const availability = "oci:Limits/getResourceAvailability:getResourceAvailability";
    const domain = { availabilityDomain: "Labx:EU-FRANKFURT-1-AD-1" };
    await expect(ask(availability, { ...asked(availability), ...domain })).rejects.toThrow(
      "400-InvalidParameter",
    );
    expect(() => oci.session.resource("oci:Core/drg:Drg")).toThrow("unknown resource type");
  });
});
