// The engine from source: Go builds the CLI and the Node language host out of toolchain/.
import { join } from "node:path";
import type { Obtained } from "../pulumi/folder.ts";
import { engineVersion } from "../pulumi/version.ts";
import { type Report, run, timed } from "./child.ts";

type Errand = {
  readonly report: Report;
  readonly signal: AbortSignal;
  /** The Go module's folder. */
  readonly toolchain: string;
};

/** What is built: the program's name and its Go package, the quick one first. */
const programs = [
  { name: "pulumi-language-nodejs", source: "./language-nodejs" },
  { name: "pulumi", source: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" },
];

/** Measured: 5 to 7 minutes on two cores with nothing cached, and the modules' download before that. */
const buildDeadline = 60 * 60_000;

/** The version that the engine reports: a release build gets it the same way. */
const versionFlag = `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${engineVersion}`;

/** Go's own name and version, such as `go1.26.8`, or why there is none. */
export async function goVersion(
  signal: AbortSignal,
): Promise<{ version: string; failure?: never } | { version?: never; failure: string }> {
  const { stdout, failure } = await run({ argv: ["go", "env", "GOVERSION"], deadline: 60_000, signal });
  return failure === undefined ? { version: stdout } : { failure };
}

/** Builds the engine into the staging folder. Never throws. */
export async function build(staging: string, { report, signal, toolchain }: Errand): Promise<Obtained> {
  const folder = join(staging, "bin");
  for (const [index, { name, source }] of programs.entries()) {
    const flags = ["-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags", `-s -w ${versionFlag}`];
    const child = run({
      argv: ["go", "build", ...flags, "-o", join(folder, name), source],
      cwd: toolchain,
      env: { CGO_ENABLED: "0", GOWORK: "off" },
      deadline: buildDeadline,
      signal,
    });
    const { failure } = await timed(`building ${name} (${index + 1} of ${programs.length})`, report, child);
    if (failure !== undefined) return { failure: `building ${name} failed (${failure})` };
  }
  return { folder };
}
