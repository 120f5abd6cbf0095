// Values that lie over tracked stack config: addresses, certificates and tokens that must not be in a repository.
import { readFileSync } from "node:fs";
import { z } from "zod";
import { Problem } from "./problem.ts";
import type { RawConfig } from "./section.ts";

/** Names the overlay file: JSON, stack → key → value, readable by its owner alone. */
export const overlayVariable = "SUBSTRATE_OVERLAY";

const model = z.record(z.string(), z.record(z.string(), z.unknown()));

/**
 * Lays the overlay file's values for a stack, if there is such a file, over its config.
 * @param file from the environment variable {@link overlayVariable}
 * @throws Problem for a file that can not be read or is not of that shape
 */
export function withOverlay(raw: RawConfig, stack: string, file: string | undefined): RawConfig {
  if (file === undefined || file === "") return raw;
  try {
    return { ...raw, ...model.parse(JSON.parse(readFileSync(file, "utf8")))[stack] };
  } catch (cause) {
    throw new Problem(
      {
        subject: `${overlayVariable} ${file}`,
        expected: "a readable JSON file: stack → key → value",
        remedy: 'for the lab, run `eval "$(npm run -s lab -- env)"` again',
      },
      { cause },
    );
  }
}
