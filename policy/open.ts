// Opens the stack that is being updated, from the config that the engine hands to the pack.
import * as pulumi from "@pulumi/pulumi";
import { overlayVariable, withOverlay } from "../src/environment/overlay.ts";
import { decodeValues } from "../src/environment/section.ts";
import { configFile, ledger, parseStack } from "../src/environment/stack.ts";
import { loadSubstrate } from "../src/substrates/index.ts";
import { type Stack, stackWith } from "./rules.ts";

/** What the rules hold this stack's resources against; none for a ledger, which declares nothing. Throws `Problem`. */
export async function openStack(): Promise<Stack | undefined> {
  const name = pulumi.getStack();
  if (parseStack(name).substrate === ledger) return undefined;
  const substrate = await loadSubstrate(parseStack(name).substrate);
  const raw = decodeValues(pulumi.runtime.allConfig());
  const overlaid = withOverlay(raw, name, process.env[overlayVariable]);
  return stackWith(substrate.open(overlaid, configFile(name)).policy);
}
