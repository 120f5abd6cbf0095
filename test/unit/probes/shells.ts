// The POSIX shells that the driver must run under, as far as this machine has them.
import { mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

export type Shell = {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  readonly path: string;
  /** Why it can not be used here. */
  readonly missing?: string;
};

const system = "/usr/local/bin:/usr/bin:/bin";

/** dash and bash with the system's tools, BusyBox with nothing but its own applets. */
export async function shells(): Promise<readonly Shell[]> {
  return Promise.all([plain("dash", ["dash"]), plain("bash --posix", ["bash", "--posix"]), busybox()]);
}

async function plain(name: string, argv: readonly [string, ...string[]]): Promise<Shell> {
  const [program, ...flags] = argv;
  const path = await which(program);
  return { name, argv: [path ?? program, ...flags], path: system, ...missing(program, path) };
}

async function which(program: string): Promise<string | undefined> {
  const { stdout, failed } = await execa("sh", ["-c", 'command -v "$0"', program], { reject: false });
  return failed ? undefined : stdout;
}

function missing(program: string, path: string | undefined): { missing?: string } {
  return path === undefined ? { missing: `${program} is not installed` } : {};
}

async function busybox(): Promise<Shell> {
  const name = "busybox ash";
  const program = await which("busybox");
  if (program === undefined) return { name, argv: ["busybox"], path: system, ...missing("busybox", program) };
  const folder = mkdtempSync(join(tmpdir(), "applets-"));
  const { stdout } = await execa(program, ["--list"]);
  for (const applet of stdout.split("\n")) symlinkSync(program, join(folder, applet));
  return { name, argv: [join(folder, "ash")], path: folder };
}
