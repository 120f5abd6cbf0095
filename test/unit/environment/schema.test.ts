import { readdirSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { stackConfigSchema } from "../../../src/environment/schema.ts";
import { loadSubstrate, substrateNames } from "../../../src/substrates/index.ts";

const project = new URL("../../../", import.meta.url);
const textOf = (path: string) => readFileSync(new URL(path, project), "utf8");

describe.each(substrateNames)("the published schema of %s stack config", (name) => {
  const published = textOf(`schemas/stack-config-${name}.schema.json`);
  const ajv = new Ajv({ allErrors: true });
  formats.default(ajv);
  const accepts = ajv.compile(JSON.parse(published));
  const files = readdirSync(new URL("stacks/", project)).filter((file) => file.endsWith(`-${name}.yaml`));

  it("is what the models generate; `npm run schemas` rewrites it", async () => {
    const { sections } = await loadSubstrate(name);
    const generated = stackConfigSchema(`${name} stack config`, sections);
    expect(published).toBe(`${JSON.stringify(generated, undefined, 2)}\n`);
  });

  it("is draft-07, as editors' YAML servers read it", () => {
    expect(JSON.parse(published).$schema).toBe("http://json-schema.org/draft-07/schema#");
  });

  it.each(files)("is named by %s in its first line, and accepts it", (file) => {
    const text = textOf(`stacks/${file}`);
    expect(text.split("\n")[0]).toBe(
      `# yaml-language-server: $schema=../schemas/stack-config-${name}.schema.json`,
    );
    expect(accepts(load(text)), JSON.stringify(accepts.errors)).toBe(true);
  });

  it("takes a secret of the engine's for every value, and refuses unknown keys and wrong types", () => {
    expect(accepts({ config: { "substrate:topology": { secure: "v1:abc" } } })).toBe(true);
    expect(accepts({ config: { "substrate:topologie": "sam-full" } })).toBe(false);
    expect(accepts({ config: { "substrate:topology": ["sam-full"] } })).toBe(false);
    expect(accepts({ config: {}, stack: 1 })).toBe(false);
  });
});
