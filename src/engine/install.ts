// Getting the engine onto this machine: found, downloaded, or built from toolchain/.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Problem } from "../environment/problem.ts";
import { engineFolder, isWhole, moveEngine, versionsFolder } from "../pulumi/folder.ts";
import { engineVersion } from "../pulumi/version.ts";
import { build, goVersion } from "./build.ts";
import type { Report } from "./child.ts";
import { type DownloadSource, download } from "./download.ts";

/** Where the engine can be had. */
export type Sources = {
  readonly download: DownloadSource;
  /** The Go module that the engine is built from. */
  readonly toolchain: string;
};

const official: Sources = {
  download: {
    installScript: new URL("https://get.pulumi.com/install.sh"),
    launcher: createRequire(import.meta.url).resolve("pulumi/run.js"),
  },
  toolchain: fileURLToPath(new URL("../../toolchain", import.meta.url)),
};

/**
 * The absolute path of the pinned `pulumi`, which has its Node language host beside it. Says nothing where both are
 * there; else gets them, by download or, where that can not be, by building them (minutes), and says which and why.
 * Safe against itself in another process. Throws `Problem` where neither can be done, the signal's reason when aborted.
 */
export async function ensureEngine(
  report: Report,
  signal: AbortSignal,
  sources: Sources = official,
): Promise<string> {
  const folder = engineFolder();
  if (!(await isWhole(folder))) {
    const staging = await stage();
    try {
      await moveEngine(await obtain(staging, { report, signal, sources }), folder);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }
  return join(folder, "pulumi");
}

/** A folder of our own on the same file system as the engine's place, so that moving is one step. */
async function stage(): Promise<string> {
  const versions = versionsFolder();
  try {
    await mkdir(versions, { recursive: true });
    return await mkdtemp(join(versions, `.${engineVersion}-`));
  } catch (cause) {
    throw new Problem(
      {
        subject: `engine folder ${versions}`,
        expected: "a folder to write to",
        actual: cause instanceof Error ? cause.message : String(cause),
        remedy: "set PULUMI_HOME to a folder of yours",
      },
      { cause },
    );
  }
}

type Errand = { readonly report: Report; readonly signal: AbortSignal; readonly sources: Sources };

/** Fills the staging folder and returns where in it the programs are. */
async function obtain(staging: string, { report, signal, sources }: Errand): Promise<string> {
  const downloaded = await download(staging, { report, signal, source: sources.download });
  signal.throwIfAborted();
  if (downloaded.folder !== undefined) {
    report(`engine: pulumi ${engineVersion} downloaded, because ${engineFolder()} did not hold it`);
    return downloaded.folder;
  }
  const go = await goVersion(signal);
  signal.throwIfAborted();
  if (go.version === undefined) throw nowhere(downloaded.failure, go.failure);
  report(
    `engine: pulumi ${engineVersion} is built from source with ${go.version}, because ${downloaded.failure}`,
  );
  const built = await build(staging, { report, signal, toolchain: sources.toolchain });
  signal.throwIfAborted();
  if (built.folder === undefined) throw nowhere(downloaded.failure, built.failure);
  return built.folder;
}

function nowhere(download: string, build: string): Problem {
  return new Problem({
    subject: `engine ${engineFolder()}`,
    expected: `pulumi ${engineVersion} and its language host`,
    actual: `nothing that can be had: ${download}; ${build}`,
    remedy: "install Go (https://go.dev/dl) or reach get.pulumi.com, then run `npm run engine`",
  });
}
