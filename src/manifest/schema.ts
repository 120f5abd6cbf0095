// The manifest's published JSON Schema, made from the model that the commands themselves parse with.
import { z } from "zod";
import { manifest } from "./model.ts";

/** JSON Schema (draft 2020-12) of the manifest, under the identifier that its consumers use. */
export function manifestSchema(): Readonly<Record<string, unknown>> {
  const { $schema, title, description, ...shape } = z.toJSONSchema(manifest, { target: "draft-2020-12" });
  return {
    $schema,
    $id: "https://routerd.net/schemas/release-environment-certification-v1.schema.json",
    title,
    description,
    ...shape,
  };
}
