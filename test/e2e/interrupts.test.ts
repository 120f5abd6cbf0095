import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Bench } from "./bench.ts";
import { expectDiscreet, left, offline, says, tools } from "./days.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start({ provision: true });
});
afterAll(() => bench[Symbol.asyncDispose]());

describe("Ctrl-C", () => {
  it.skipIf(process.platform !== "linux").each([
    ["while looking", undefined, /pve\.perms/],
    ["while repairing", "agent-disabled", /phase +repairing/],
    ["while looking again", "agent-disabled", /phase +looking at lab-pve again/],
    ["while mending what the engine does not see", "bridge-comment-gone", /about to/],
  ])(
    "%s ends in bounded time with a blocked manifest, and leaves no process",
    async (_phase, drift, moment) => {
      if (drift !== undefined) await bench.lab("drift", drift);
      const out = join(bench.folder, "interrupted.json");
      const certifying = bench.begin(out, ...(drift === undefined ? [] : ["--repair"]));
      await says(certifying, moment);
      certifying.kill("SIGINT");
      const { exitCode, all } = await certifying;
      bench.said.push(all);
      expect({ exitCode, all }).toMatchObject({ exitCode: 3 });
      expect(all).toMatch(/interrupted: .*again/);
      const manifest = JSON.parse(await readFile(out, "utf8"));
      expect(manifest).toMatchObject({ status: "blocked" });
      for (const { result } of manifest.repairs) expect(result).toBe("blocked");
      // What it has begun voids the pass that was there before.
      if (manifest.repairs.length > 0) expect(await bench.preflight("ledger")).toMatchObject({ exit: 1 });
      expect(await left(bench)).toEqual([]);
    },
  );

  it.skipIf(process.platform !== "linux")(
    "while a dead guest is made anew ends what was begun, and the next repair ends well",
    async () => {
      await bench.lab("fault", "pve-guest-hung");
      const out = join(bench.folder, "interrupted.json");
      const certifying = bench.begin(out, "--repair");
      await says(certifying, /phase +making anew/);
      certifying.kill("SIGINT");
      const { exitCode, all } = await certifying;
      bench.said.push(all);
      expect(all).toMatch(/interrupted: /);
      expect(exitCode).toBe(3);
      expect(await left(bench)).toEqual([]);
      await bench.lab("heal");
      expect(await bench.certify("--repair")).toMatchObject({ exit: 0 });
    },
  );

  it.skipIf(process.platform !== "linux")(
    "while it is published changes nothing: what was repaired is told",
    async () => {
      await bench.lab("drift", "vm-deleted");
      const out = join(bench.folder, "interrupted.json");
      const certifying = bench.begin(out, "--repair");
      await says(certifying, /phase +publishing .*, with 1 host keys/);
      certifying.kill("SIGINT");
      const { exitCode, all } = await certifying;
      bench.said.push(all);
      expect({ exitCode, all }).toMatchObject({ exitCode: 0 });
      expect(all).toMatch(/interrupted: /);
      expect(await bench.preflight("ledger")).toMatchObject({ exit: 0 });
      expect(JSON.parse(await readFile(out, "utf8"))).toMatchObject({ status: "pass" });
      expect(await left(bench)).toEqual([]);
      expect(await bench.certify("--repair")).toMatchObject({ exit: 0 });
    },
  );

  it.skipIf(process.platform !== "linux")(
    "twice while looking leaves at once, with nothing changed and no process left",
    async () => {
      const before = await bench.backend();
      const out = join(bench.folder, "left.json");
      const certifying = bench.begin(out);
      await says(certifying, /pve\.perms/);
      certifying.kill("SIGINT");
      await says(certifying, /interrupted: /);
      certifying.kill("SIGINT");
      const { exitCode, all } = await certifying;
      expect({ exitCode, all }).toMatchObject({ exitCode: 130 });
      expect(all).toMatch(/left at once: no manifest was written; nothing was changed/);
      expect(existsSync(out)).toBe(false);
      await expect.poll(() => left(bench), { timeout: 70_000 }).toEqual([]);
      expect(await bench.backend()).toBe(before);
    },
  );

  it.skipIf(process.platform !== "linux")(
    "twice while repairing leaves at once, saying what that costs; the engine ends what it has begun",
    async () => {
      const out = join(bench.folder, "left.json");
      await bench.lab("drift", "vm-deleted");
      const certifying = bench.begin(out, "--repair");
      await says(certifying, /phase +repairing/);
      certifying.kill("SIGINT");
      await says(certifying, /interrupted: /);
      certifying.kill("SIGINT");
      const { exitCode, all } = await certifying;
      expect({ exitCode, all }).toMatchObject({ exitCode: 130 });
      expect(all).toMatch(/left at once: .*pulumi cancel/);
      expect(existsSync(out)).toBe(false);
      await expect.poll(() => left(bench), { timeout: 70_000 }).toEqual([]);
    },
  );

  it("does not keep the next repair from ending well", async () => {
    const certified = await bench.certify("--repair");
    expect({ exit: certified.exit, said: certified.stdout }).toMatchObject({ exit: 0 });
  });

  it.skipIf(process.platform !== "linux")(
    "while the engine is downloaded ends that, and the manifest is blocked",
    async () => {
      await using silent = await silentServer();
      const proxy = `http://127.0.0.1:${silent.port}`;
      const certifying = bench
        .with({
          ...offline,
          HTTPS_PROXY: proxy,
          https_proxy: proxy,
          PULUMI_HOME: join(bench.folder, "no-engine"),
        })
        .begin(join(bench.folder, "downloading.json"));
      await silent.asked;
      certifying.kill("SIGINT");
      const { exitCode, all } = await certifying;
      expect({ exitCode, all }).toMatchObject({ exitCode: 3 });
      const written = await readFile(join(bench.folder, "downloading.json"), "utf8");
      expect(JSON.parse(written)).toMatchObject({ status: "blocked" });
      expect(await left(bench)).toEqual([]);
    },
  );

  it("while the engine is being built ends the build, and the manifest is blocked", async () => {
    const bin = await tools(bench, {
      go: "#!/bin/sh\ncase $1 in env) echo go9.9.9 ;; *) exec sleep 600 ;; esac\n",
    });
    const certifying = bench
      .with({ ...offline, PULUMI_HOME: join(bench.folder, "no-engine"), PATH: bin })
      .begin(join(bench.folder, "building.json"));
    await says(certifying, /engine: building/);
    certifying.kill("SIGINT");
    const { exitCode, all } = await certifying;
    expect({ exitCode, all }).toMatchObject({ exitCode: 3 });
    expect(JSON.parse(await readFile(join(bench.folder, "building.json"), "utf8"))).toMatchObject({
      status: "blocked",
    });
    expect(await left(bench)).toEqual([]);
  });
});

/** Takes connections and never says a word. */
async function silentServer() {
  const asked = Promise.withResolvers<void>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    asked.resolve();
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" ? (address?.port ?? 0) : 0);
    });
  });
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port, asked: asked.promise, [Symbol.asyncDispose]: close };
}

describe("everything that was said on these days", () => {
  it("holds no address, no VM id, no token, no far end's text and no terminal control", () =>
    expectDiscreet(bench));
});
