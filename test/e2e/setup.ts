import { ensureEngine } from "../../src/engine/install.ts";

/** The engine, got once before anything drives it. */
export default async function setup(): Promise<void> {
  await ensureEngine((line) => console.error(line), AbortSignal.timeout(30 * 60_000));
}
