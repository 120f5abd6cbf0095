// Short commands of the engine's CLI: what it prints, or what it complains of.
import { execa } from "execa";
import type { Asking } from "./checkpoint.ts";

/** How a command ended. Both texts may hold anything: to be parsed, never to be shown. */
export type Ended = { readonly ok: boolean; readonly stdout: string; readonly stderr: string };

/** Runs `pulumi <args>` in the project. Does not throw for a command that fails. */
export async function pulumi(args: readonly string[], { engine, project, signal }: Asking): Promise<Ended> {
  const result = await execa(engine, [...args], {
    cwd: project,
    cancelSignal: signal,
    reject: false,
    stdin: "ignore",
    env: { PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  const { exitCode, stdout, stderr } = result;
  return { ok: exitCode === 0, stdout, stderr: exitCode === undefined ? String(result.message) : stderr };
}

/** Makes an empty stack and leaves the checkout's selected stack alone. */
export async function createStack(stack: string, asking: Asking): Promise<Ended> {
  return pulumi(["stack", "init", stack, "--no-select"], asking);
}

/** The backend does not know the stack, as the CLI says it. */
export function isUnknownStack({ ok, stderr }: Ended): boolean {
  return !ok && /no stack named/.test(stderr);
}
