import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { Bench, project } from "./bench.ts";

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.[Symbol.asyncDispose]();
  bench = undefined;
});

describe("the lab", () => {
  it("comes up once, says what a shell needs, and leaves nothing behind", async () => {
    bench = await Bench.start({ provision: false });
    const ticket = await bench.home.readTicket();
    expect(await bench.lab("up")).toContain("was up already");
    expect((await bench.home.readTicket())?.pid).toBe(ticket?.pid);

    const env = await bench.lab("env");
    for (const name of ["PULUMI_BACKEND_URL", "PULUMI_DEBUG_PROVIDERS", "SUBSTRATE_OVERLAY"])
      expect(env).toMatch(new RegExp(`^export ${name}='.+'$`, "m"));
    for (const file of [bench.home.overlay, bench.home.readOnlyOverlay])
      expect((await stat(file)).mode & 0o777).toBe(0o600);
    const looking = await bench.lab("env", "--read-only");
    expect(looking).toBe(env.replace(bench.home.overlay, bench.home.readOnlyOverlay));

    await bench.lab("down");
    expect(existsSync(bench.home.path)).toBe(false);
    await expect.poll(() => isAlive(ticket?.pid), { timeout: 10_000 }).toBe(false);
  });

  it("gives a shell that evaluates its environment the stacks, as for any Pulumi project", async () => {
    const tracked = () => readFile(join(project, "stacks/Pulumi.lab-pve.yaml"), "utf8");
    const before = await tracked();
    bench = await Bench.start({ provision: false });
    const script = 'eval "$(node src/cli/lab.ts env)" && pulumi stack ls --json';
    const env = { ...bench.env, PULUMI_BACKEND_URL: "", SUBSTRATE_OVERLAY: "" };
    const { stdout } = await execa("sh", ["-c", script], { cwd: project, env });
    const names = z.array(z.object({ name: z.string() })).parse(JSON.parse(stdout));
    expect(names.map(({ name }) => name).toSorted()).toEqual([
      ...["lab-adopted-ledger", "lab-adopted-pve", "lab-aws", "lab-azure"],
      ...["lab-ledger", "lab-oci", "lab-pve"],
    ]);
    expect(await tracked()).toBe(before);
  });

  it("leaves the plugin's stand-in out with --real-plugin, and lets a Go plugin trust its authority", async () => {
    bench = await Bench.start({ provision: false, up: ["--real-plugin"] });
    const env = await bench.lab("env");
    expect(env).not.toContain("PULUMI_DEBUG_PROVIDERS");
    expect(env).toContain(`export SSL_CERT_FILE='${bench.home.authorities}'`);
    expect((await bench.home.readTicket())?.providers).toEqual({});
  });

  it("refuses whoever has no token", async () => {
    bench = await Bench.start({ provision: false });
    const port = (await bench.home.readTicket())?.port ?? 0;
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: '{"do":"down"}' });
    expect(answer.status).toBe(401);
    await expect(connected(port)).resolves.toBe(true);
  });
});

function isAlive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}

function connected(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, "127.0.0.1", () => resolve(true));
  socket.on("error", () => resolve(false));
  return promise.finally(() => socket.destroy());
}
