import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withProperty } from "../../../../src/lab/property.ts";
import { awsProvider } from "../../../../src/substrates/aws/double/provider.ts";
import { type Properties, unknown } from "../../../../src/substrates/double.ts";
import { type Aws, startAws } from "../../../support/aws.ts";

const signal = new AbortController().signal;
let aws: Aws;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws[Symbol.asyncDispose]());

/** What an update of a declared thing to other inputs would do. */
function diffOf(name: string, path: string, value: unknown): readonly (readonly [string, string])[] {
  const thing = aws.thing(name);
  const changes = aws.session.resource(thing.type).diff(thing, withProperty(thing.inputs, path, value));
  return changes.map(({ path: changed, kind }) => [changed, kind]);
}

const create = (type: string, inputs: Properties) => aws.session.resource(type).create(inputs, signal);

describe("what an update does", () => {
  it.each([
    ["client1", "ami", "ami-00000000000000000", "ami", "update-replace"],
    ["client1", "userData", "#cloud-config\n", "userData", "update-replace"],
    ["client1", "privateIp", "10.90.1.99", "privateIp", "update-replace"],
    ["client1", "rootBlockDevice.encrypted", false, "rootBlockDevice.encrypted", "update-replace"],
    ["client1", "instanceType", "t3.micro", "instanceType", "update"],
    ["client1", "sourceDestCheck", false, "sourceDestCheck", "update"],
    ["client1", "metadataOptions.httpTokens", "optional", "metadataOptions.httpTokens", "update"],
    ["client1", "tags.Project", "other", "tags.Project", "update"],
    ["network", "cidrBlock", "10.91.0.0/16", "cidrBlock", "update-replace"],
    ["network", "enableDnsSupport", false, "enableDnsSupport", "update"],
    ["security", "description", "other", "description", "update-replace"],
    ["key", "publicKey", "ssh-ed25519 AAAA", "publicKey", "update-replace"],
    ["client1-address", "instance", "i-00000000000000000", "instance", "update"],
  ])("%s: another %s", (name, path, value, changed, kind) => {
    expect(diffOf(name, path, value)).toEqual([[changed, kind]]);
  });

  it("is nothing for rules and routes in another order", () => {
    const { type, inputs, outputs, id } = aws.thing("security");
    const ingress = Array.isArray(inputs.ingress) ? inputs.ingress.toReversed() : [];
    expect(aws.session.resource(type).diff({ id, inputs, outputs }, { ...inputs, ingress })).toEqual([]);
  });

  it("names a rule that is gone and one that is new", () => {
    const [first] = [aws.thing("security").inputs.ingress].flat();
    expect(
      diffOf("security", "ingress", [first]).every(
        ([path, kind]) => /^ingress\[\d\]$/.test(path) && kind === "delete",
      ),
    ).toBe(true);
  });
});

describe("a preview", () => {
  it("makes nothing, and does not know what only making gives", async () => {
    const { type, inputs } = aws.thing("client1");
    const before = aws.world.machines.size;
    expect(aws.session.resource(type).preview(inputs)).toMatchObject({ arn: unknown, ami: inputs.ami });
    expect(aws.world.machines.size).toBe(before);
  });

  it("checks inputs that it does not know yet by their names alone", () => {
    const { type, inputs } = aws.thing("client1");
    const double = aws.session.resource(type);
    expect(() => double.check({ ...inputs, subnetId: unknown })).not.toThrow();
    expect(() => double.check({ ...inputs, colour: unknown })).toThrow("unexpected property colour");
    expect(() => double.check({ ...inputs, sourceDestCheck: "yes" })).toThrow();
  });
});

describe("the API refuses", () => {
  const launch = (change: Properties) =>
    create("aws:ec2/instance:Instance", {
      ...aws.thing("client1").inputs,
      privateIp: "10.90.1.50",
      ...change,
    });

  it.each([
    [{ privateIp: "10.90.1.21" }, "InvalidIPAddress.InUse"],
    [{ privateIp: "10.91.1.21" }, "InvalidIPAddress.InUse"],
    [{ ami: "ami-00000000000000000" }, "InvalidAMIID.NotFound"],
    [{ instanceType: "m7i.large" }, "Unsupported"],
    [{ keyName: "nobodys" }, "InvalidKeyPair.NotFound"],
    [{ subnetId: "subnet-0" }, "InvalidSubnetID.NotFound"],
    [{ vpcSecurityGroupIds: ["sg-0"] }, "InvalidGroup.NotFound"],
    [{ userData: "x".repeat(16_385) }, "InvalidParameterValue"],
  ])("an instance with %j", async (change, code) => {
    await expect(launch(change)).rejects.toThrow(`api error ${code}`);
  });

  it("more vCPUs than the quota", async () => {
    const undo = await aws.running.meddle(
      [{ method: "POST", path: "/LowerQuota", form: { QuotaCode: "L-1216C47A", Value: "9" } }],
      signal,
    );
    await expect(launch({})).rejects.toThrow("api error VcpuLimitExceeded");
    await undo();
  });

  it("to take away what something else stands on", async () => {
    for (const name of ["network", "subnet", "gateway", "security", "routes"]) {
      const { type, id, outputs } = aws.thing(name);
      await expect(aws.session.resource(type).delete(id, outputs, signal), name).rejects.toThrow(
        "DependencyViolation",
      );
    }
  });

  it("a group or a key of a name that is taken, and a second gateway of one network", async () => {
    const again = (name: string) => create(aws.thing(name).type, aws.thing(name).inputs);
    await expect(again("security")).rejects.toThrow("InvalidGroup.Duplicate");
    await expect(again("key")).rejects.toThrow("InvalidKeyPair.Duplicate");
    await expect(again("gateway")).rejects.toThrow("Resource.AlreadyAssociated");
  });

  it("whoever shows another key, and a program that is meant for another account", () => {
    const { "aws:accessKey": accessKey, "aws:secretKey": secretKey } = aws.raw;
    const configure = (change: Properties) =>
      awsProvider.configure({ accessKey, secretKey, region: "eu-central-1", ...change });
    expect(() => configure({ secretKey: "other" })).toThrow("InvalidClientTokenId");
    expect(() => configure({ accessKey: undefined })).toThrow("InvalidClientTokenId");
    expect(() => configure({ allowedAccountIds: '["210987654321"]' })).toThrow("not allowed");
    expect(() => configure({ region: "eu-west-1" })).toThrow("invalid AWS Region");
  });
});

describe("an instance that is made anew", () => {
  it("is another one, with the same address inside, and without the public one of the old", async () => {
    const { type, id, outputs, inputs } = aws.thing("client1");
    const address = aws.thing("client1-address");
    await aws.session.resource(type).delete(id, outputs, signal);
    expect(await aws.session.resource(type).read(id, { inputs, outputs }, signal)).toBeUndefined();
    const eip = aws.session.resource(address.type);
    expect((await eip.read(address.id, address, signal))?.outputs.instance).toBe("");
    const restore = await aws.running.capture(type, id);
    const again = await aws.session.resource(type).create(inputs, signal);
    expect(again.id).not.toBe(id);
    expect(again.outputs).toMatchObject({ privateIp: outputs.privateIp, publicIp: "" });
    // What has been repaired since is not undone.
    await restore();
    expect(await aws.session.resource(type).read(again.id, { inputs, outputs }, signal)).toBeDefined();
  });

  it("is not put back beside the one that took its place", async () => {
    const { type, id } = aws.thing("client2");
    const restore = await aws.running.capture(type, id);
    await aws.session.resource(type).delete(id, {}, signal);
    const again = await aws.session.resource(type).create(aws.thing("client2").inputs, signal);
    await restore();
    const listed = await aws.session.invoke("aws:ec2/getInstances:getInstances", {}, signal);
    expect(listed.ids).toContain(again.id);
    expect(listed.ids).not.toContain(id);
  });
});
