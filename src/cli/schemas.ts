// `npm run schemas`: writes the published JSON Schemas from the models.
import { writeFile } from "node:fs/promises";
import { manifestSchema } from "../manifest/schema.ts";

const folder = new URL("../../schemas/", import.meta.url);

await writeFile(
  new URL("release-environment-certification-v1.schema.json", folder),
  `${JSON.stringify(manifestSchema(), undefined, 2)}\n`,
);
