// A release of the product, as people name it.
import { z } from "zod";

/** A version, tag or commit: one word that can not be taken for a flag. */
export const release = z.string().regex(/^[A-Za-z0-9][\w.+/-]{0,99}$/, "a version, tag or commit");
