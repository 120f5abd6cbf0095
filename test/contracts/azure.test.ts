// The double of the azure-native plugin against the SDK's own types: every key that it takes or gives must be one of theirs.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tokens } from "../../src/substrates/azure/double/provider.ts";
import type { Properties } from "../../src/substrates/double.ts";
import { type Azure, startAzure } from "../support/azure.ts";
import { membersOf, strangers } from "../support/sdk.ts";

let azure: Azure;
beforeAll(async () => {
  azure = await startAzure();
});
afterAll(() => azure[Symbol.asyncDispose]());

const signal = new AbortController().signal;

/** `azure-native:network:getSubnet` → `network/getSubnet`, `azure-native:network:Subnet` → `network/subnet` */
function moduleOf(token: string): string {
  const [, module = "", name = ""] = token.split(":");
  return `${module}/${name.charAt(0).toLowerCase()}${name.slice(1)}`;
}

const sdk = "@pulumi/azure-native";

/** What reading a type gives: its outputs are the same. */
function resultsOf(token: string): ReadonlyMap<string, string> {
  const [, module = "", name = ""] = token.split(":");
  return membersOf(sdk, name.startsWith("get") ? `${module}/${name}` : `${module}/get${name}`, {
    suffix: "Result",
  });
}

describe("resources", () => {
  it("are all made by the declaration", () => {
    const made = new Set([...azure.things.values()].map(({ type }) => type));
    expect([...made].toSorted()).toEqual(tokens.types.toSorted());
  });

  it.each(tokens.types)("%s gives the outputs that the SDK knows, made, previewed and read", async (type) => {
    const thing = [...azure.things.values()].find((one) => one.type === type);
    if (thing === undefined) throw new TypeError(type);
    const double = azure.session.resource(type);
    expect(strangers(thing.outputs, resultsOf(type))).toEqual([]);
    const read = await double.read(thing.id, thing, signal);
    expect(Object.keys(read?.outputs ?? {}).toSorted()).toEqual(
      expect.arrayContaining(Object.keys(thing.outputs)),
    );
    const { azureApiVersion: _, ...inputs } = thing.inputs;
    expect(strangers(inputs, membersOf(sdk, moduleOf(type), { suffix: "Args" }))).toEqual([]);
    // Nothing has changed: a refresh takes nothing in that nobody declared.
    expect(read?.inputs).toEqual(thing.inputs);
    expect(double.diff(thing, read?.inputs ?? {})).toEqual([]);
  });

  it.each(tokens.types)("%s is read whole where it is imported", async (type) => {
    const thing = [...azure.things.values()].find((one) => one.type === type);
    if (thing === undefined) throw new TypeError(type);
    const read = await azure.session.resource(type).read(thing.id, { inputs: {}, outputs: {} }, signal);
    const names = Object.keys(thing.inputs).filter((key) => /Name$/.test(key));
    expect(names.length).toBeGreaterThan(0);
    for (const key of names) expect(read?.inputs[key], key).toBe(thing.inputs[key]);
  });
});

describe("functions", () => {
  const argsOf = (token: string): Properties => {
    const type = [...azure.things.values()].find(
      (one) => token.split(":get")[1]?.toLowerCase() === one.type.split(":")[2]?.toLowerCase(),
    );
    return Object.fromEntries(Object.entries(type?.inputs ?? {}).filter(([key]) => /Name$/.test(key)));
  };

  it.each(tokens.functions)("%s answers with the results that the SDK knows", async (token) => {
    const answer = await azure.session.invoke(token, argsOf(token), signal);
    expect(strangers(answer, resultsOf(token))).toEqual([]);
    expect(Object.keys(answer).length).toBeGreaterThan(0);
  });

  it("refuse what they do not know: a token, an argument, a type", async () => {
    const ask = (token: string, args: Properties) => azure.session.invoke(token, args, signal);
    await expect(ask("azure-native:network:getLoadBalancer", {})).rejects.toThrow("unknown function");
    const known = argsOf("azure-native:network:getSubnet");
    await expect(ask("azure-native:network:getSubnet", { ...known, colour: "red" })).rejects.toThrow(
      "colour",
    );
    expect(() => azure.session.resource("azure-native:network:LoadBalancer")).toThrow(
      "unknown resource type",
    );
  });
});
