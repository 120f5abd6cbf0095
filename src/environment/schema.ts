// The published JSON Schema of a stack's config file, made from the models that its sections are parsed with.
import { z } from "zod";

/** Models by namespace: `substrate` → the model of all `substrate:` keys. */
export type Sections = Readonly<Record<string, z.ZodObject>>;

/**
 * JSON Schema (draft-07, which editors' YAML servers read) of `stacks/Pulumi.<environment>-<substrate>.yaml`. No key
 * is required, since an overlay may bring it; every value may be a secret of the engine's instead.
 */
export function stackConfigSchema(title: string, sections: Sections): Readonly<Record<string, unknown>> {
  const keys = Object.entries(sections).flatMap(([namespace, model]) =>
    Object.entries(model.shape).map(([key, value]) => [`${namespace}:${key}`, schemaOf(value)]),
  );
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title,
    type: "object",
    required: ["config"],
    properties: {
      config: { type: "object", properties: Object.fromEntries(keys), additionalProperties: false },
      encryptionsalt: { type: "string", description: "written by the engine" },
      encryptedkey: { type: "string", description: "written by the engine" },
      secretsprovider: { type: "string", description: "who encrypts this stack's secrets" },
    },
    additionalProperties: false,
  };
}

/** A secret as the engine writes it into the file. */
const encrypted = {
  type: "object",
  properties: { secure: { type: "string" } },
  required: ["secure"],
  additionalProperties: false,
};

function schemaOf(model: z.core.$ZodType): Readonly<Record<string, unknown>> {
  const { $schema: _, ...schema } = z.toJSONSchema(model, {
    target: "draft-7",
    io: "input",
    // A name of zod's own, beside the pattern that says the same.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === "starts_with") delete jsonSchema.format;
    },
  });
  return { anyOf: [schema, encrypted] };
}
