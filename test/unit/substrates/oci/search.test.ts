import { generateKeyPairSync } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Secret } from "../../../../src/environment/secret.ts";
import { signerOf } from "../../../../src/substrates/oci/double/search/signature.ts";
import { searchTag } from "../../../../src/substrates/oci/search.ts";
import { type Oci, startOci } from "../../../support/oci.ts";
import { interpose } from "../../../support/proxy.ts";

const signal = AbortSignal.timeout(300_000);
let oci: Oci;
beforeAll(async () => {
  oci = await startOci();
});
afterEach(() => oci.heal());
afterAll(() => oci[Symbol.asyncDispose]());

const tag = { key: "RouterdRunId", value: "run-test" };
const search = (change = {}, asked: { key: string; value: string | undefined } = tag) =>
  searchTag({ ...oci.config(), ...change }, asked, signal).then((hits) => hits.map(({ id }) => id));

describe("the search", () => {
  it("finds all that the run's tag is on, over more pages than one, and nothing else", async () => {
    const vnics = 4;
    const found = await search();
    expect(found).toHaveLength(oci.things.size + vnics);
    for (const { id } of oci.things.values()) expect(found).toContain(id);
    expect(await search({}, { key: tag.key, value: undefined })).toEqual(found);
    expect(await search({}, { key: tag.key, value: "run-of-others" })).toEqual([]);
    expect(await search({}, { key: "Project", value: "something-else" })).not.toEqual([]);
  });

  it("is refused with another key than the registered one", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const other = new Secret(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
    await expect(search({ privateKey: other })).rejects.toMatchObject({ reason: "unauthorized" });
  });

  it("is refused without a key that can be read", async () => {
    await expect(search({ privateKey: new Secret("no key") })).rejects.toMatchObject({
      reason: "unauthorized",
    });
  });

  it("trusts nobody but the configured authority", async () => {
    const endpoint = oci.config().search?.endpoint ?? "";
    await expect(search({ search: { endpoint } })).rejects.toMatchObject({ reason: "untrusted" });
  });

  it.each([
    ["oci/down", "unreachable"],
    ["oci/throttled", "throttled"],
    ["oci/denied/SearchResources", "forbidden"],
    ["oci/search/later-pages", "server-error"],
  ])("with %s is %s, whatever the first page had", async (fault, reason) => {
    oci.world.breakDown(fault);
    await expect(search()).rejects.toMatchObject({ reason });
  });

  it.each(["", "<html>", "null", "[]", '{"items":[{}]}'])("can not read %j", async (body) => {
    const { endpoint = "", authority: ca } = oci.config().search ?? {};
    await using server = await interpose({ endpoint, ca }, () => ({ status: 200, body }));
    const other = { endpoint: server.config.endpoint, authority: server.config.ca };
    await expect(search({ search: other })).rejects.toMatchObject({ reason: "unparsable" });
  });

  it("waits as long as it is told to where requests are limited for a moment", async () => {
    oci.world.breakDown("oci/throttled", 500);
    expect(await search()).toHaveLength(oci.things.size + 4);
  });

  it("ends with whoever asks", async () => {
    oci.world.breakDown("oci/throttled");
    const asked = searchTag(oci.config(), tag, AbortSignal.timeout(100));
    await expect(asked).rejects.toThrow();
  });
});

describe("a signature", () => {
  const now = Date.UTC(2026, 10, 22);
  const known = { keyOf: () => undefined, now };

  it("of an unknown key, by another way, or of too little is none", () => {
    const sign = (authorization: string) => ({
      ...{ method: "POST", url: "/20180409/resources", body: "{}" },
      headers: { authorization, date: new Date(now).toUTCString() },
    });
    expect(signerOf(sign(""), known)).toBeUndefined();
    expect(signerOf(sign('Signature version="1",keyId="a/b/c"'), known)).toBeUndefined();
    const all = { keyOf: () => "-----BEGIN PUBLIC KEY-----", now };
    expect(signerOf(sign('Signature version="1",keyId="a",algorithm="hmac-sha256"'), all)).toBeUndefined();
    const little = 'Signature version="1",keyId="a",algorithm="rsa-sha256",headers="date",signature="x"';
    expect(signerOf(sign(little), all)).toBeUndefined();
  });
});
