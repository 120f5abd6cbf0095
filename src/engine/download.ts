// The engine by download: the `pulumi` launcher does what `npx pulumi` would, into a folder of ours.
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isWhole, type Obtained } from "../pulumi/folder.ts";
import { engineVersion } from "../pulumi/version.ts";
import { type Report, run, timed } from "./child.ts";

/** Where the download comes from. */
export type DownloadSource = {
  /** The script that the launcher downloads and runs; asked first, whether it can be reached at all. */
  readonly installScript: URL;
  /** The `pulumi` launcher: a Node script that installs the CLI into PULUMI_HOME when it is missing there. */
  readonly launcher: string;
};

type Errand = {
  readonly report: Report;
  readonly signal: AbortSignal;
  readonly source: DownloadSource;
};

const reach = fileURLToPath(new URL("./reach.ts", import.meta.url));
const reachDeadline = 10_000;
const downloadDeadline = 15 * 60_000;

/** Downloads the engine into the staging folder; gives up soon where its host does not answer. Never throws. */
export async function download(staging: string, { report, signal, source }: Errand): Promise<Obtained> {
  const { installScript, launcher } = source;
  const unreachable = await whyUnreachable(installScript, signal);
  if (unreachable !== undefined)
    return { failure: `${installScript.host} can not be reached (${unreachable})` };
  const child = run({
    argv: [process.execPath, launcher, "version"],
    env: { PULUMI_HOME: staging, PULUMI_VERSION: engineVersion, PULUMI_SKIP_UPDATE_CHECK: "true" },
    deadline: downloadDeadline,
    signal,
  });
  const { failure } = await timed(
    `downloading pulumi ${engineVersion} from ${installScript.host}`,
    report,
    child,
  );
  if (failure !== undefined) return { failure: `the download failed (${failure})` };
  const folder = join(staging, "versions", engineVersion, "bin");
  if (await isWhole(folder)) return { folder };
  return { failure: `the download left no whole engine (by ${basename(launcher)})` };
}

async function whyUnreachable(url: URL, signal: AbortSignal): Promise<string | undefined> {
  const child = { argv: [process.execPath, reach, url.href], deadline: reachDeadline, signal } as const;
  const { stdout, failure } = await run(child);
  return failure === undefined ? stdout || undefined : "no answer in time";
}
