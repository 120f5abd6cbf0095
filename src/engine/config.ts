// Reads a stack's config as the engine would: the tracked file, decrypted where it holds secrets, and the overlay.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { loadAll } from "js-yaml";
import { z } from "zod";
import { overlayVariable, withOverlay } from "../environment/overlay.ts";
import { Problem } from "../environment/problem.ts";
import { decodeValues, type RawConfig } from "../environment/section.ts";
import { configFile } from "../environment/stack.ts";
import { type Asking, type CommandResult, command, isUnknownStack } from "../pulumi/command.ts";
import { newScratch, openScratch, removeScratch } from "./scratch.ts";

const file = z.object({ config: z.record(z.string(), z.unknown()).default({}) });
const shown = z.record(z.string(), z.object({ value: z.string() }));

/**
 * All config values of a stack.
 * @throws Problem where there is no such file, it is no stack config, or its secrets can not be decrypted
 */
export async function readConfig(stack: string, asking: Asking): Promise<RawConfig> {
  const { config } = await readFileOf(stack, asking.project);
  const raw = isEncrypted(config) ? await decrypt(stack, asking) : config;
  return withOverlay(raw, stack, process.env[overlayVariable]);
}

/**
 * As {@link readConfig}, without asking the engine: a stand-in takes each encrypted value's place.
 * @throws Problem where there is no such file or it is no stack config
 */
export async function readSealed(
  stack: string,
  project: string,
  standIn: string,
): Promise<{ readonly raw: RawConfig; readonly encrypted: boolean }> {
  const { config } = await readFileOf(stack, project);
  const read = Object.entries(config).map(([key, value]) => [key, withStandIn(value, standIn)]);
  const raw = withOverlay(Object.fromEntries(read), stack, process.env[overlayVariable]);
  return { raw, encrypted: isEncrypted(config) };
}

/** In the place of every `{ secure: … }`. */
function withStandIn(value: unknown, standIn: string): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("secure" in value) return standIn;
  if (Array.isArray(value)) return value.map((item) => withStandIn(item, standIn));
  return Object.fromEntries(
    Object.entries(value).map(([key, inside]) => [key, withStandIn(inside, standIn)]),
  );
}

async function readFileOf(stack: string, project: string): Promise<z.infer<typeof file>> {
  const path = configFile(stack);
  const text = await readFile(join(project, path), "utf8").catch((cause: unknown) => {
    throw new Problem(
      {
        subject: `environment of ${stack}`,
        expected: path,
        remedy: "name an environment that has stack config",
      },
      { cause },
    );
  });
  try {
    // As the engine: no document is no config.
    const [document] = loadAll(text);
    return file.parse(document ?? {});
  } catch (cause) {
    throw new Problem(
      { subject: path, expected: "Pulumi stack config in YAML", remedy: "correct the file" },
      { cause },
    );
  }
}

/** Whether there is a `secure: …` anywhere in it. */
function isEncrypted(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, inside]) => key === "secure" || isEncrypted(inside));
}

/** Only the engine can decrypt; it needs the stack's passphrase or key as for any other command. */
async function decrypt(stack: string, asking: Asking): Promise<RawConfig> {
  const here = await showConfig(stack, asking);
  asking.signal.throwIfAborted();
  const result = isUnknownStack(here) ? await showApart(stack, asking) : here;
  const parsed = result.exitCode === 0 ? shown.safeParse(JSON.parse(result.stdout)) : undefined;
  if (parsed?.success === true)
    return decodeValues(
      Object.fromEntries(Object.entries(parsed.data).map(([key, { value }]) => [key, value])),
    );
  throw new Problem({
    subject: configFile(stack),
    expected: "secrets that can be decrypted",
    remedy: "set PULUMI_CONFIG_PASSPHRASE_FILE, or log in to the stack's secrets provider",
  });
}

function showConfig(stack: string, asking: Asking): Promise<CommandResult> {
  return command(["config", "--json", "--show-secrets", "--stack", stack], asking);
}

/** The engine decrypts for stacks that there are: for one that was never made, a copy of its config is given to another. */
async function showApart(stack: string, { engine, project, signal }: Asking): Promise<CommandResult> {
  const apart = newScratch({});
  try {
    const configuration = join(project, configFile(stack));
    const opened = await openScratch(apart, { engine, stack, signal, configFile: configuration });
    return await showConfig(stack, { engine, project: opened.workDir, signal, env: opened.envVars });
  } catch (error) {
    return { exitCode: undefined, stdout: "", stderr: String(error) };
  } finally {
    await removeScratch(apart);
  }
}
