import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { dump, load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/environment/secret.ts";
import { datagram, readDatagram } from "../../../src/probes/readers/udp.ts";
import { markerPath, userDataOf } from "../../../src/substrates/cloud/userdata.ts";
import { boot } from "../../../src/world/boot.ts";
import { configure } from "../../../src/world/cloudconfig.ts";
import { generateHostKey } from "../../../src/world/hostkey.ts";
import { responderText } from "../../../src/world/responder.ts";
import { named } from "../../support/checks.ts";

const hostKey = generateHostKey();
const guest = {
  ...{ name: named("router1"), role: named("router"), address: "10.90.1.11", forwards: true },
  hostKey: new Secret(hostKey.privateKey),
};
const responders = { udp: [51820], tcp: [5201] };

/** A guest that has booted with this user data. */
function booted(userData: string) {
  const seed = { datasource: "x", instanceId: "i", hostname: "ip-10", userData, users: {}, nics: [] };
  const system = boot(seed, undefined, { agent: false, forwarding: false });
  configure(system);
  return system;
}

/** The user data with something else in it. */
function changed(change: (config: ReturnType<typeof JSON.parse>) => void): string {
  const config = load(userDataOf(guest, responders));
  change(config);
  return `#cloud-config\n${dump(config)}`;
}

describe("user data of a cloud's guest", () => {
  it("gives it its name, its host key, its responders, forwarding, and the digest of itself", () => {
    const userData = userDataOf(guest, responders);
    const system = booted(userData);
    expect(system).toMatchObject({ hostname: "router1", forwarding: true, hostKey });
    expect(system.cloudInit).toMatchObject({ status: "done", errors: [] });
    expect(system.listening).toEqual([
      { protocol: "tcp", port: 22 },
      { protocol: "udp", port: 51820 },
      { protocol: "tcp", port: 5201 },
    ]);
    const digest = createHash("sha256").update(userData).digest("hex");
    expect(system.files?.[markerPath]).toContain(digest);
  });

  it("lets a guest that is no router alone", () => {
    expect(booted(userDataOf({ ...guest, forwards: false }, responders)).forwarding).toBe(false);
  });

  it("is the same for the same guest, so that nothing is made anew for it", () => {
    expect(userDataOf(guest, responders)).toBe(userDataOf(guest, responders));
  });

  it.each([
    ["a module that the lab does not know", changed((config) => Object.assign(config, { apt: {} }))],
    ["a command that the lab does not know", changed((config) => config.runcmd.unshift(["reboot"]))],
    [
      "a program that is not the responder",
      changed((config) => Object.assign(config.write_files[1], { content: "x" })),
    ],
    ["text that is no cloud-config", "hello"],
  ])("with %s ends in an error that cloud-init shows, and without the mark of its end", (_, userData) => {
    const system = booted(userData);
    expect(system.cloudInit.status).toBe("error");
    expect(system.files?.[markerPath]).toBeUndefined();
  });
});

const python = await execa("python3", ["--version"], { reject: false });

describe.skipIf(python.exitCode !== 0)(
  "the responder under a real Python (skipped where there is none)",
  () => {
    it("answers datagrams as the probe reads them, and takes connections", async () => {
      const file = join(await mkdtemp(join(tmpdir(), "responder-")), "responder.py");
      await writeFile(file, responderText);
      const [udp, tcp] = [
        20_000 + Math.floor(Math.random() * 9_000),
        30_000 + Math.floor(Math.random() * 9_000),
      ];
      const responder = spawn("python3", [file, `udp:${udp}`, `tcp:${tcp}`], { stdio: "ignore" });
      const bash = async (script: string) => {
        const {
          exitCode = -1,
          stdout,
          stderr,
        } = await execa("timeout", ["4", "bash", "-c", script], { reject: false });
        return { exit: exitCode, stdout, stderr, truncated: false };
      };
      try {
        const sent = datagram("udp", { address: "127.0.0.1", port: udp });
        const script = sent.probe.argv[2] ?? "";
        await expect
          .poll(async () => readDatagram(sent, await bash(script)), { timeout: 20_000 })
          .toEqual({ port: "open", seen: "127.0.0.1" });
        expect((await bash(`</dev/tcp/127.0.0.1/${tcp}`)).exit).toBe(0);
      } finally {
        responder.kill();
        await once(responder, "exit");
      }
      const shut = datagram("udp", { address: "127.0.0.1", port: udp });
      expect(readDatagram(shut, await bash(shut.probe.argv[2] ?? ""))).toEqual({ port: "closed" });
    });
  },
);
