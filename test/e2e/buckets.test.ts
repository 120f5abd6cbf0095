import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { poll } from "../../src/check/poll.ts";
import { engineFolder } from "../../src/pulumi/folder.ts";
import { checkOut, project, recorder } from "./bench.ts";

const { failed: absent } = await execa("python3", ["-c", "import moto.server"], { reject: false });
if (absent) console.warn("skipped: the backend in a bucket needs Python with moto[server]");

const closing = new AsyncDisposableStack();
let env: Readonly<Record<string, string>>;
let other: string;

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** `npx pulumi …` in a checkout. */
function pulumi(checkout: string, ...args: string[]) {
  return execa(join(engineFolder(), "pulumi"), args, {
    cwd: checkout,
    env,
    reject: false,
    all: true,
    stdin: "ignore",
  });
}

describe.skipIf(absent)("a freeze in a bucket", () => {
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), "buckets-"));
    closing.defer(() => rm(folder, { recursive: true }));
    other = join(folder, "checkout");
    await checkOut(other);
    const port = await freePort();
    const server = execa("python3", ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)], {
      reject: false,
    });
    closing.defer(async () => {
      server.kill();
      await server;
    });
    const url = `http://127.0.0.1:${port}/substrate`;
    const made = () =>
      fetch(url, { method: "PUT" }).then(
        ({ ok }) => ok || undefined,
        () => undefined,
      );
    await poll(made, { first: 100, most: 1_000 }, AbortSignal.timeout(60_000));
    const query = `region=us-east-1&endpoint=127.0.0.1:${port}&disableSSL=true&s3ForcePathStyle=true`;
    env = {
      ...{ AWS_ACCESS_KEY_ID: "testing", AWS_SECRET_ACCESS_KEY: "testing", AWS_REGION: "us-east-1" },
      PULUMI_BACKEND_URL: `s3://substrate?${query}`,
      ...{ PULUMI_CONFIG_PASSPHRASE: "lab", PULUMI_SKIP_UPDATE_CHECK: "true" },
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
  });
  afterAll(() => closing.disposeAsync());

  it("is seen from another checkout, and what it refuses is refused there until it is released", async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const freeze = { runId: "qual-1", release: "v1.2.3", since: new Date().toISOString(), until };
    const record = (entries: unknown) =>
      execa(process.execPath, [recorder, "lab", JSON.stringify(entries)], { cwd: project, env });
    const held = new RegExp(`a freeze by qual-1 for release v1\\.2\\.3\\s+until\\s+${until}`);
    await pulumi(project, "stack", "init", "lab-pve", "--no-select");
    await record({ freeze });

    const refused = await pulumi(other, "up", "--yes", "--skip-preview", "-s", "lab-pve");
    expect([refused.exitCode === 0, refused.all]).toEqual([false, expect.stringMatching(held)]);
    expect((await pulumi(project, "stack", "-s", "lab-pve")).all).not.toContain("proxmoxve:");

    await record({ freeze: null });
    // Then it is refused for what only a lab has: addresses and tokens.
    const unheld = await pulumi(other, "up", "--yes", "--skip-preview", "-s", "lab-pve");
    expect(unheld.all).not.toMatch(held);
    expect(unheld.all).toMatch(/pve:endpoint/);
  });
});
