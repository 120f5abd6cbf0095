import { existsSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { manifest } from "../../../src/manifest/model.ts";
import { manifestSchema } from "../../../src/manifest/schema.ts";
import { documents } from "./documents.ts";

const published = new URL(
  "../../../schemas/release-environment-certification-v1.schema.json",
  import.meta.url,
);
const upstream = new URL(
  "../../../../shared/upstream/release-environment-certification.schema.json",
  import.meta.url,
);
const example = new URL("../../../../shared/upstream/manifest-example.json", import.meta.url);

const judges = {
  "the model": (value: unknown) => manifest.safeParse(value).success,
  "the published schema": validatorOf(read(published)),
};

test("the published schema is what the model generates; `npm run schemas` rewrites it", () => {
  expect(readFileSync(published, "utf8")).toBe(`${JSON.stringify(manifestSchema(), undefined, 2)}\n`);
});

describe.each(Object.entries(judges))("%s", (_name, accepts) => {
  test.each(documents)("judges $name by its folder", ({ value, good }) => {
    expect(accepts(value)).toBe(good);
  });
});

describe.skipIf(!existsSync(upstream))("the consumers' schema (skipped where ../shared is absent)", () => {
  test.each(documents)("judges $name as we do", ({ value, good }) => {
    expect(validatorOf(read(upstream))(value)).toBe(good);
  });

  test("carries the same identifier, title and description", () => {
    const { $id, title, description, $schema } = manifestSchema();
    expect(read(upstream)).toMatchObject({ $id, title, description, $schema });
  });

  test("comes with an example that the model accepts and keeps as it is", () => {
    expect(manifest.parse(read(example))).toEqual(read(example));
  });
});

test("parsing keeps every value of a good document", () => {
  for (const { value, good } of documents) if (good) expect(manifest.parse(value)).toEqual(value);
});

function read(url: URL): Record<string, unknown> {
  return JSON.parse(readFileSync(url, "utf8"));
}

function validatorOf(schema: Record<string, unknown>): (value: unknown) => boolean {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  formats.default(ajv);
  const validate = ajv.compile(schema);
  return (value) => validate(value) === true;
}
