// `npm run init-environment -- <name>`: writes the stack config that a new environment begins with.
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { overlayVariable } from "../environment/overlay.ts";
import { Problem } from "../environment/problem.ts";
import { configFile, stackOf } from "../environment/stack.ts";
import { loadSubstrate, substrateNames } from "../substrates/index.ts";
import { generateHostKey } from "../world/hostkey.ts";

/** What was written, relative to the project. */
export type Begun = {
  /** Stack config, to be filled in and committed. */
  readonly configs: readonly string[];
  /** The SSH key, readable by its owner alone and never to be committed. */
  readonly overlay: string;
  /** The SSH key's public half, for logins that people set up themselves. */
  readonly publicKey: string;
};

/**
 * Writes a config file for each substrate's stack, and a fresh SSH key into an overlay (0600) outside of them.
 * @throws Problem where any of them is there already; then nothing is written over
 */
export async function beginEnvironment(environment: string, project: string): Promise<Begun> {
  const stacks = substrateNames.map((substrate) => ({
    substrate,
    stack: stackOf({ environment, substrate }),
  }));
  const overlay = `.private/${environment}.json`;
  for (const file of [overlay, ...stacks.map(({ stack }) => configFile(stack))])
    if (existsSync(join(project, file))) throw inTheWay(file);
  const { privateKey, publicKey } = generateHostKey();
  const keys = await Promise.all(
    stacks.map(async ({ substrate, stack }) => {
      const { newSecrets } = await loadSubstrate(substrate);
      return [stack, { "substrate:sshKey": privateKey, ...newSecrets?.() }] as const;
    }),
  );
  await writeNew(project, overlay, { text: JSON.stringify(Object.fromEntries(keys)), mode: 0o600 });
  for (const { substrate, stack } of stacks) {
    const { starter } = await loadSubstrate(substrate);
    const modeline = `# yaml-language-server: $schema=../schemas/stack-config-${substrate}.schema.json\n`;
    await writeNew(project, configFile(stack), { text: modeline + starter, mode: 0o644 });
  }
  return { configs: stacks.map(({ stack }) => configFile(stack)), overlay, publicKey };
}

/** What a person does next, as lines of text. */
export function nextSteps({ configs, overlay, publicKey }: Begun): string {
  const stacks = configs.map((file) => file.replace(/^.*Pulumi\.|\.yaml$/g, ""));
  const key = `node -p 'JSON.parse(fs.readFileSync("${overlay}"))["${stacks[0]}"]["substrate:sshKey"]'`;
  return [
    `${configs.join(", ")}: replace what says "replace me"; every key is explained there`,
    `the public half of its SSH key, for a bastion and for logins on nodes: ${publicKey}`,
    `${overlay}: that key, for you alone; either export ${overlayVariable}="$PWD/${overlay}",`,
    "or put all that is in it, and tokens, into the stack's own secrets and remove the file (README, a real environment; docs/clouds.md for clouds' host keys):",
    ...stacks.flatMap((stack) => [
      `  npx pulumi stack init ${stack} --no-select`,
      `  ${key} | npx pulumi config set --secret -s ${stack} substrate:sshKey`,
    ]),
  ].join("\n");
}

type Draft = { readonly text: string; readonly mode: number };

async function writeNew(project: string, file: string, { text, mode }: Draft): Promise<void> {
  const path = join(project, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text, { mode, flag: "wx" }).catch((cause: unknown) => {
    throw inTheWay(file, cause);
  });
}

function inTheWay(file: string, cause?: unknown): Problem {
  const remedy = "name another environment, or remove the file";
  return new Problem({ subject: file, expected: "nothing there yet", remedy }, { cause });
}
