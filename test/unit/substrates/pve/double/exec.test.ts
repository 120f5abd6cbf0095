import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { type FarEnd, startFarEnd } from "./farend.ts";
import { done, makeGuest, makeTemplate } from "./guests.ts";

let far: FarEnd;
beforeEach(async () => {
  far = await startFarEnd();
  await makeTemplate(far);
  const nics = [{ vlan: 99, address: "10.77.99.11/24" }] as const;
  await makeGuest(far, { vmid: 9101, name: "client1", node: "pve1", nics });
});
afterEach(() => far[Symbol.asyncDispose]());

const at = "/nodes/pve1/qemu/9101";

async function exec(command: string): Promise<number> {
  const { data } = await far.send("POST", `${at}/agent/exec`, { form: { command } });
  return z.object({ pid: z.number() }).parse(data).pid;
}

const status = (pid: number) => far.send("GET", `${at}/agent/exec-status`, { query: { pid: String(pid) } });

test("a command runs as root, its output comes decoded, and once told it is forgotten", async () => {
  const effects = far.world.effects.length;
  const pid = await exec("hostname");
  expect((await status(pid)).data).toEqual({ exited: 1, exitcode: 0, "out-data": "client1\n" });
  expect(await status(pid)).toMatchObject({ status: 500, reason: expect.stringContaining("does not exist") });
  expect((await status(await exec("false"))).data).toEqual({ exited: 1, exitcode: 1 });
  expect(far.world.effects).toHaveLength(effects);
});

test("a command that never ends stays so, and one that is not there or not allowed is refused", async () => {
  far.world.breakDown("pve/client1/exec");
  const pid = await exec("hostname");
  expect((await status(pid)).data).toEqual({ exited: 0 });
  expect((await status(pid)).data).toEqual({ exited: 0 });
  const post = (command: string) => far.send("POST", `${at}/agent/exec`, { form: { command } });
  expect((await post("nosuch")).reason).toContain("No such file or directory");
  far.world.machines.get("pve/9101")?.system.agentRefuses.push("guest-exec");
  expect((await post("hostname")).reason).toContain("guest-exec has been disabled");
});

test("what would be written on the config drive is what is on it, with the digest of both as instance-id", async () => {
  const dump = async (type: string) =>
    String((await far.send("GET", `${at}/cloudinit/dump`, { query: { type } })).data);
  const medium = far.world.machines.get("pve/9101")?.medium;
  const [user, network] = [await dump("user"), await dump("network")];
  expect(medium?.files).toMatchObject({ "user-data": user, "network-config": network, "vendor-data": "" });
  expect(user).toBe(`#cloud-config
hostname: client1
manage_etc_hosts: true
fqdn: client1
user: lab
ssh_authorized_keys:
  - ssh-ed25519 AAAA a
chpasswd:
  expire: False
users:
  - default
package_upgrade: true
`);
  const mac = far.world.machines.get("pve/9101")?.nics[0]?.mac.toLowerCase();
  expect(network).toContain(`    - type: physical
      name: eth0
      mac_address: '${mac}'
      subnets:
      - type: static
        address: '10.77.99.11'
        netmask: '255.255.255.0'
`);
  const id = createHash("sha1").update(`${user}${network}`).digest("hex");
  expect(await dump("meta")).toBe(`instance-id: ${id}\n`);
  expect(far.world.machines.get("pve/9101")?.system).toMatchObject({ instanceId: id, userData: user });
});

test("a damaged medium is whole again once it is written anew", async () => {
  const machine = far.world.machines.get("pve/9101");
  if (machine?.medium === undefined) throw new TypeError("no medium");
  machine.medium.damaged = true;
  await done(far, "PUT", `${at}/config`, { description: "another" });
  expect(machine.medium.damaged).toBe(true);
  await done(far, "PUT", `${at}/cloudinit`);
  expect(machine.medium.damaged).toBe(false);
});
