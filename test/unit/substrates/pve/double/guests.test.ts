import { afterEach, beforeEach, expect, test } from "vitest";
import { type FarEnd, startFarEnd } from "./farend.ts";
import { done, makeGuest, makeTemplate } from "./guests.ts";

let far: FarEnd;
beforeEach(async () => {
  far = await startFarEnd();
  await makeTemplate(far);
});
afterEach(() => far[Symbol.asyncDispose]());

const management = { vlan: 99, address: "10.77.99.11/24" };
const client1 = { vmid: 9101, name: "client1", node: "pve1", nics: [management] } as const;
const at = "/nodes/pve1/qemu/9101";
const hostKeyFile = { file: "/etc/ssh/ssh_host_ed25519_key.pub" };

const machine = () => far.world.machines.get("pve/9101");

async function restart(): Promise<void> {
  await done(far, "POST", `${at}/status/shutdown`, { forceStop: "1" });
  await done(far, "POST", `${at}/status/start`);
  far.pass(1000);
}

async function agentRefusal(path: string): Promise<string> {
  const { status, reason } = await far.send("GET", `${path}/agent/get-host-name`);
  return `${status} ${reason}`;
}

test("a guest comes up as its config drive says, and silent until it has booted", async () => {
  await makeGuest(far, client1);
  expect(machine()).toMatchObject({ id: "pve/9101", substrate: "pve", label: "client1" });
  expect(machine()?.system).toMatchObject({
    hostname: "client1",
    addresses: [{ nic: 0, address: "10.77.99.11/24" }],
    users: { lab: ["ssh-ed25519 AAAA a"] },
    cloudInit: { status: "done", datasource: "nocloud" },
    forwarding: true,
  });
  await done(far, "POST", `${at}/status/stop`);
  expect(machine()).toBeUndefined();
  await far.send("POST", `${at}/status/start`);
  expect(await agentRefusal(at)).toBe("500 QEMU guest agent is not running");
  far.pass(300);
  expect((await far.send("GET", `${at}/agent/get-host-name`)).data).toEqual({
    result: { "host-name": "client1" },
  });
});

test("the three reasons why an agent can not be asked have three texts", async () => {
  await makeGuest(far, client1);
  await makeGuest(far, { ...client1, vmid: 9102, name: "client2" });
  expect((await far.send("POST", `${at}/agent/ping`)).data).toEqual({ result: {} });
  far.world.breakDown("pve/client1/silent");
  expect(await agentRefusal(at)).toBe("500 QEMU guest agent is not running");
  expect((await far.send("POST", "/nodes/pve1/qemu/9102/agent/ping")).status).toBe(200);
  far.world.breakDown("pve/silent");
  expect(await agentRefusal("/nodes/pve1/qemu/9102")).toBe("500 QEMU guest agent is not running");
  far.world.heal();
  await done(far, "POST", `${at}/status/stop`);
  expect(await agentRefusal(at)).toBe("500 VM 9101 is not running");
  await done(far, "PUT", `${at}/config`, { delete: "agent" });
  expect(await agentRefusal(at)).toBe("500 No QEMU guest agent configured");
});

test("the agent tells what it can, the interfaces, and the host key that is on the disk", async () => {
  await makeGuest(far, client1);
  const effects = far.world.effects.length;
  expect((await far.send("GET", `${at}/agent/info`)).data).toMatchObject({
    result: {
      supported_commands: expect.arrayContaining([
        expect.objectContaining({ name: "guest-exec", enabled: true }),
      ]),
    },
  });
  expect((await far.send("GET", `${at}/agent/network-get-interfaces`)).data).toMatchObject({
    result: [{ name: "lo" }, { "hardware-address": machine()?.nics[0]?.mac.toLowerCase() }],
  });
  const key = await far.send("GET", `${at}/agent/file-read`, { query: hostKeyFile });
  expect(key.data).toMatchObject({
    content: expect.stringContaining(`${machine()?.system.hostKey.publicKey} `),
  });
  const missing = await far.send("GET", `${at}/agent/file-read`, { query: { file: "/etc/nothing" } });
  expect([missing.status, missing.reason]).toEqual([
    500,
    expect.stringContaining("No such file or directory"),
  ]);
  await far.send("POST", `${at}/agent/ping`);
  expect(far.world.effects).toHaveLength(effects);
});

test("a restart keeps the host key, another config drive or another clone makes a new one", async () => {
  await makeGuest(far, client1);
  const first = machine()?.system.hostKey.publicKey;
  await restart();
  expect(machine()?.system.hostKey.publicKey).toBe(first);
  await done(far, "PUT", `${at}/config`, { ipconfig0: "ip=10.77.99.21/24" });
  await restart();
  const second = machine()?.system.hostKey.publicKey;
  expect(machine()?.system.addresses).toMatchObject([{ address: "10.77.99.21/24" }]);
  expect(second).not.toBe(first);
  await done(far, "POST", `${at}/status/stop`);
  await done(far, "DELETE", at);
  await makeGuest(far, client1);
  expect([first, second]).not.toContain(machine()?.system.hostKey.publicKey);
});

test("what a running VM does not take waits, is told as pending, and comes with the next cold start", async () => {
  await makeGuest(far, client1);
  await done(far, "PUT", `${at}/config`, { agent: "enabled=0", description: "at once" });
  expect((await far.send("GET", `${at}/config`)).data).toMatchObject({
    agent: "enabled=0",
    description: "at once",
  });
  const inForce = await far.send("GET", `${at}/config`, { query: { current: "1" } });
  expect(inForce.data).toMatchObject({ agent: "enabled=1", description: "at once" });
  expect((await far.send("GET", `${at}/pending`)).data).toContainEqual({
    key: "agent",
    value: "enabled=1",
    pending: "enabled=0",
  });
  expect((await far.send("GET", `${at}/agent/get-host-name`)).status).toBe(200);
  await restart();
  expect(await agentRefusal(at)).toBe("500 QEMU guest agent is not running");
});

test("what cloud-init is to be told is pending until the config drive is written again", async () => {
  await makeGuest(far, client1);
  await done(far, "PUT", `${at}/config`, { ciuser: "other" });
  const pending = { key: "ciuser", value: "lab", pending: "other" };
  expect((await far.send("GET", `${at}/cloudinit`)).data).toContainEqual(pending);
  await done(far, "PUT", `${at}/cloudinit`);
  expect((await far.send("GET", `${at}/cloudinit`)).data).toContainEqual({ key: "ciuser", value: "other" });
});

test("without a config drive a guest does not know who it is", async () => {
  await makeGuest(far, client1);
  await done(far, "POST", `${at}/status/stop`);
  await done(far, "PUT", `${at}/config`, { delete: "ide2" });
  await done(far, "POST", `${at}/status/start`);
  expect(machine()?.system.cloudInit).toMatchObject({ status: "error", datasource: "none" });
  expect(machine()?.system.addresses).toEqual([]);
});

test("a task that fails says so in its exit status and log, and leaves nothing half done", async () => {
  const config = far.cluster.vms.get(9000)?.config;
  config?.set("scsi1", "local-lvm:vm-9000-disk-7,size=1G");
  const answer = await far.send("POST", "/nodes/pve1/qemu/9000/clone", {
    form: { newid: "9101", full: "1" },
  });
  const task = `/nodes/pve1/tasks/${encodeURIComponent(String(answer.data))}`;
  expect((await far.send("GET", `${task}/status`)).data).toMatchObject({
    status: "running",
    type: "qmclone",
  });
  far.pass(50);
  const exitstatus = "volume 'local-lvm:vm-9000-disk-7' does not exist";
  expect((await far.send("GET", `${task}/status`)).data).toMatchObject({ status: "stopped", exitstatus });
  expect((await far.send("GET", `${task}/log`)).data).toEqual([{ n: 1, t: `TASK ERROR: ${exitstatus}` }]);
  expect((await far.send("GET", `${at}/status/current`)).reason).toBe(
    "Configuration file 'nodes/pve1/qemu-server/9101.conf' does not exist",
  );
  expect([...far.cluster.volumes.keys()].filter((key) => key.includes("9101"))).toEqual([]);
});

test("a clone is locked while it is being made", async () => {
  await far.send("POST", "/nodes/pve1/qemu/9000/clone", {
    form: { newid: "9101", full: "1", name: "client1" },
  });
  expect((await far.send("GET", `${at}/status/current`)).data).toMatchObject({ lock: "clone" });
  expect((await far.send("PUT", `${at}/config`, { form: { cores: "2" } })).reason).toBe(
    "VM is locked (clone)",
  );
  far.pass(50);
  expect((await far.send("GET", `${at}/status/current`)).data).not.toHaveProperty("lock");
});

test("a VM does not start on a bridge that is not there, and a template not at all", async () => {
  await makeGuest(far, client1);
  await done(far, "POST", `${at}/status/stop`);
  await done(far, "PUT", `${at}/config`, { net0: "virtio,bridge=vmbr9" });
  expect(await far.change("POST", `${at}/status/start`)).toBe("start failed: QEMU exited with code 1");
  expect(machine()).toBeUndefined();
  expect(await far.change("POST", "/nodes/pve1/qemu/9000/status/start")).toBe(
    "500 you can't start a vm if it's a template",
  );
});

test("an image with another checksum is not kept", async () => {
  const form = { content: "import", filename: "other.img", url: [...far.cluster.web.keys()][0] ?? "" };
  const checked = { ...form, checksum: "f".repeat(64), "checksum-algorithm": "sha256" };
  const path = "/nodes/pve1/storage/local/download-url";
  expect(await far.change("POST", path, checked)).toMatch(/^checksum mismatch: /);
  expect(await far.change("POST", path, form)).toBe("OK");
  expect(await far.change("POST", path, form)).toBe(
    "500 refusing to override existing file '/var/lib/vz/import/other.img'",
  );
});
