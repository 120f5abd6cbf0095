// Asks git about commits of a clone, without writing to it or fetching anything.
import { resolve } from "node:path";

/** A clone of the released project. */
export type Repository = {
  /** The whole commit that a version, tag, branch or abbreviation means. Throws {@link Unknown}. */
  readonly commit: (name: string) => Promise<string>;
  /** Whether the history of a commit leads to another; each leads to itself. Throws {@link Unknown}. */
  readonly leads: (from: string, to: string) => Promise<boolean>;
};

/** Git can not tell. The message is what a person can do about it. */
export class Unknown extends Error {
  override readonly name = "Unknown";
}

/** Past this a clone is on something that does not answer, in ms. */
const timeout = 30_000;

/** What would lead git elsewhere, or make it write, fetch or ask. */
const env = {
  GIT_DIR: undefined,
  GIT_WORK_TREE: undefined,
  GIT_INDEX_FILE: undefined,
  GIT_OPTIONAL_LOCKS: "0",
  GIT_NO_LAZY_FETCH: "1",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_TERMINAL_PROMPT: "0",
};

/** The clone in a folder. */
export function repositoryAt(folder: string, signal: AbortSignal): Repository {
  const git = async (args: readonly string[], codes: readonly number[]) => {
    const { execa } = await import("execa");
    const options = { cwd: resolve(folder), env, timeout, cancelSignal: signal, reject: false } as const;
    const { exitCode, stdout } = await execa("git", args, { ...options, stdin: "ignore" });
    signal.throwIfAborted();
    if (codes.some((code) => code === exitCode)) return { exitCode, stdout };
    throw new Unknown(`name a clone with git history with --repo; git could not be asked in ${folder}`);
  };
  return {
    commit: async (name) => {
      const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`];
      const { exitCode, stdout } = await git(args, [0, 1]);
      if (exitCode === 0) return stdout;
      throw new Unknown(`fetch into ${folder} first: it knows no ${name}`);
    },
    leads: async (from, to) => {
      // In a history that is cut off, not to be found means nothing.
      if ((await git(["rev-parse", "--is-shallow-repository"], [0])).stdout === "true")
        throw new Unknown(`fetch all history first: ${folder} is a shallow clone`);
      return (await git(["merge-base", "--is-ancestor", to, from], [0, 1])).exitCode === 0;
    },
  };
}
