// Logical names: the only words of an environment that may appear in evidence.
import { z } from "zod";

/** `leaf1`, `fabric-a`, `sam-full`: lower case letters, digits and dashes, at most 40, beginning with a letter. */
export const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, "a logical name: lower case letters, digits and dashes, at most 40")
  .brand<"Name">();

/** A parsed logical name. */
export type Name = z.infer<typeof name>;
