import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import ssh2 from "ssh2";
import { describe, expect, it, onTestFinished } from "vitest";
import { boot, type Seed } from "../../../src/world/boot.ts";
import { generateHostKey } from "../../../src/world/hostkey.ts";
import type { Machine } from "../../../src/world/machine.ts";
import { World } from "../../../src/world/world.ts";
import { topology } from "../../fixtures/topology.ts";

const image = { agent: true, forwarding: false };
const seed: Seed = {
  datasource: "nocloud",
  instanceId: "one",
  hostname: "leaf1",
  userData: "#cloud-config\n",
  users: { lab: ["ssh-ed25519 AAAA"] },
  nics: [{ address: "10.0.0.1/24" }, {}, { address: "10.0.1.1/24", gateway: "10.0.1.254" }],
};

describe("boot", () => {
  it("makes of a new instance what the seed says", () => {
    expect(boot(seed, undefined, image)).toMatchObject({
      hostname: "leaf1",
      instanceId: "one",
      cloudInit: { status: "done", datasource: "nocloud", errors: [] },
      addresses: [
        { nic: 0, name: "eth0", address: "10.0.0.1/24" },
        { nic: 2, name: "eth2", address: "10.0.1.1/24" },
      ],
      routes: [{ destination: "0.0.0.0/0", via: "10.0.1.254" }],
      users: { lab: ["ssh-ed25519 AAAA"] },
      listening: [{ protocol: "tcp", port: 22 }],
      ...image,
    });
  });

  it("keeps what is on the disk of the same instance, whatever the seed says now", () => {
    const disk = boot(seed, undefined, image);
    const again = boot({ ...seed, hostname: "other", users: {}, nics: [] }, disk, {
      agent: false,
      forwarding: true,
    });
    expect(again).toEqual(disk);
    again.users.intruder = [];
    expect(disk.users).not.toHaveProperty("intruder");
  });

  it("makes a new instance of a disk that was another: new host key, new hostname", () => {
    const disk = boot(seed, undefined, image);
    const clone = boot({ ...seed, instanceId: "two", hostname: "leaf2" }, disk, image);
    expect(clone).toMatchObject({ instanceId: "two", hostname: "leaf2" });
    expect(clone.hostKey).not.toEqual(disk.hostKey);
  });

  it("comes up unnamed and unreachable without a seed, and says so", () => {
    const system = boot(undefined, boot(seed, undefined, image), image);
    expect(system).toMatchObject({ hostname: "localhost", addresses: [], routes: [], users: {} });
    expect(system.cloudInit.status).toBe("error");
    expect(system.cloudInit.errors).not.toEqual([]);
  });
});

describe("a host key", () => {
  it("is read by ssh2, also when its public half begins with zeros", () => {
    const keys = [generateHostKey()];
    const isShort = () => Buffer.from(keys[0]?.publicKey.slice(12) ?? "", "base64")[19] === 0;
    // One of 256; a search that fails would be as likely as 1e-34.
    for (let tries = 0; tries < 20_000 && !isShort(); tries++) keys.unshift(generateHostKey());
    expect(isShort()).toBe(true);
    for (const key of keys.slice(0, 20)) {
      const parsed = ssh2.utils.parseKey(key.privateKey);
      if (parsed instanceof Error) throw parsed;
      expect(`ssh-ed25519 ${parsed.getPublicSSH().toString("base64")}`).toBe(key.publicKey);
    }
  });

  it("is read by OpenSSH", async ({ skip }) => {
    const folder = mkdtempSync(join(tmpdir(), "hostkey-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const { privateKey, publicKey } = generateHostKey();
    writeFileSync(join(folder, "key"), privateKey, { mode: 0o600 });
    const { stdout, exitCode, code } = await execa("ssh-keygen", ["-y", "-f", join(folder, "key")], {
      reject: false,
    });
    if (code === "ENOENT") skip("ssh-keygen is not installed");
    expect({ stdout, exitCode }).toEqual({ stdout: publicKey, exitCode: 0 });
  });
});

describe("the world's machines", () => {
  it("tell when one is switched off or replaced, and only then", () => {
    const { world, machines } = topology();
    const gone: string[] = [];
    const forget = world.machines.onGone(({ label }) => gone.push(label));
    world.machines.set(machines.leaf1.id, machines.leaf1);
    expect(gone).toEqual([]);
    const successor: Machine = { ...machines.leaf1 };
    world.machines.set(machines.leaf1.id, successor);
    world.machines.delete(machines.leaf2.id);
    world.machines.delete("pve/unknown");
    expect(gone).toEqual(["leaf1", "leaf2"]);
    forget();
    world.machines.clear();
    expect(gone).toHaveLength(2);
    expect(new World().machines.size).toBe(0);
  });
});
