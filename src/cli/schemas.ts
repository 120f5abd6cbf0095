// `npm run schemas`: writes the published JSON Schemas from the models.
import { writeFile } from "node:fs/promises";
import { stackConfigSchema } from "../environment/schema.ts";
import { manifestSchema } from "../manifest/schema.ts";
import { resultSchema } from "../qualification/result.ts";
import { loadSubstrate, substrateNames } from "../substrates/index.ts";

const folder = new URL("../../schemas/", import.meta.url);

await write("release-environment-certification-v1", manifestSchema());
await write("release-qualification-result-v1", resultSchema());
for (const name of substrateNames) {
  const { sections } = await loadSubstrate(name);
  await write(`stack-config-${name}`, stackConfigSchema(`${name} stack config`, sections));
}

async function write(name: string, schema: unknown): Promise<void> {
  await writeFile(new URL(`${name}.schema.json`, folder), `${JSON.stringify(schema, undefined, 2)}\n`);
}
