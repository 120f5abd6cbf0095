import { describe, expect, it } from "vitest";
import { boot } from "../../../src/world/boot.ts";
import { execute } from "../../../src/world/commands.ts";
import { type Guest, topology } from "../../fixtures/topology.ts";

function lab() {
  const { world, machines } = topology();
  const on = (guest: Guest, ...argv: string[]) => execute(world, machines[guest], argv);
  const json = (guest: Guest, ...argv: string[]): unknown => JSON.parse(on(guest, ...argv).stdout);
  return { world, machines, on, json };
}

describe("a guest", () => {
  it("tells its name, its keys and its instance from what it booted as", () => {
    const { on, machines } = lab();
    const { hostKey } = machines.leaf1.system;
    expect(on("leaf1", "hostname")).toEqual({ exit: 0, stdout: "leaf1\n", stderr: "" });
    expect(on("client2", "hostnamectl", "--static").stdout).toBe("client2\n");
    expect(on("leaf1", "cat", "/var/lib/cloud/data/instance-id").stdout).toBe("instance-of-leaf1\n");
    expect(on("leaf1", "cat", "/etc/ssh/ssh_host_ed25519_key.pub").stdout).toBe(
      `${hostKey.publicKey} root@leaf1\n`,
    );
  });

  it("echoes its words and knows true from false", () => {
    const { on } = lab();
    expect(on("leaf1", "echo", "a b", "ü", "").stdout).toBe("a b ü \n");
    expect(on("leaf1", "true").exit).toBe(0);
    expect(on("leaf1", "false").exit).toBe(1);
  });

  it.each(["constructor", "nosuch", "zsh", ""])("does not know the command %j", (name) => {
    const { on } = lab();
    expect(on("leaf1", name)).toEqual({ exit: 127, stdout: "", stderr: `sh: 1: ${name}: not found\n` });
  });

  it("prints the files that are there and complains of the others", () => {
    const { on } = lab();
    expect(on("leaf1", "cat", "/etc/shadow", "/etc/hostname")).toEqual({
      exit: 1,
      stdout: "leaf1\n",
      stderr: "cat: /etc/shadow: No such file or directory\n",
    });
  });

  it("reads kernel settings as they are", () => {
    const { on, machines } = lab();
    expect(on("leaf1", "sysctl", "-n", "net.ipv4.ip_forward").stdout).toBe("1\n");
    machines.leaf1.system.forwarding = false;
    expect(on("leaf1", "sysctl", "-n", "net.ipv4.ip_forward").stdout).toBe("0\n");
    expect(on("leaf1", "cat", "/proc/sys/net/ipv4/ip_forward").stdout).toBe("0\n");
    expect(on("leaf1", "sysctl", "-n", "net.nosuch")).toMatchObject({ exit: 255, stdout: "" });
  });
});

describe("cloud-init status", () => {
  const status = ["cloud-init", "status", "--format=json"];

  it("is done with the datasource of the seed", () => {
    const { on, json } = lab();
    expect(on("leaf1", ...status).exit).toBe(0);
    expect(json("leaf1", ...status)).toMatchObject({
      status: "done",
      extended_status: "done",
      boot_status_code: "enabled-by-generator",
      datasource: "nocloud",
      detail: "DataSourceNoCloud [seed=/dev/sr0]",
      errors: [],
      recoverable_errors: {},
      stage: null,
      "modules-final": { errors: [], recoverable_errors: {} },
    });
  });

  it("has its fields in cloud-init's order", () => {
    const keys = Object.keys(Object(lab().json("leaf1", ...status)));
    expect(keys).toEqual(keys.toSorted());
  });

  it("is an error without a seed", () => {
    const { machines, world } = lab();
    const system = boot(undefined, undefined, { agent: true, forwarding: true });
    const { exit, stdout } = execute(world, { ...machines.leaf1, system }, status);
    expect(exit).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      status: "error",
      extended_status: "error - done",
      datasource: null,
      errors: ["No instance datasource found! Likely bad things to come!"],
      init: { errors: ["No instance datasource found! Likely bad things to come!"] },
    });
  });

  it("is running, without a datasource yet, while it runs", () => {
    const { machines, json } = lab();
    machines.leaf1.system.cloudInit.status = "running";
    expect(json("leaf1", ...status)).toMatchObject({
      status: "running",
      datasource: null,
      stage: "init-local",
      "init-local": { finished: null },
      "modules-final": { start: null },
    });
  });
});

describe("ip", () => {
  it("shows addresses by interface", () => {
    const { json, machines } = lab();
    expect(json("client1", "ip", "-j", "addr")).toMatchObject([
      { ifname: "lo", addr_info: [{ local: "127.0.0.1" }] },
      {
        ifindex: 2,
        ifname: "eth0",
        address: machines.client1.nics[0]?.mac,
        addr_info: [{ family: "inet", local: "10.77.99.11", prefixlen: 24, broadcast: "10.77.99.255" }],
      },
      { ifname: "eth1", addr_info: [{ local: "10.77.120.2" }] },
    ]);
  });

  it("shows the routing table", () => {
    const { json } = lab();
    expect(json("client1", "ip", "-j", "route")).toMatchObject([
      { dst: "default", gateway: "10.77.120.1", dev: "eth1" },
      { dst: "10.77.99.0/24", dev: "eth0", scope: "link", prefsrc: "10.77.99.11" },
      { dst: "10.77.120.0/24", dev: "eth1", scope: "link", prefsrc: "10.77.120.2" },
    ]);
  });

  it("finds the way to an address: through a gateway, on the wire, on itself, or none", () => {
    const { json, on, machines } = lab();
    const get = ["ip", "-j", "route", "get"] as const;
    expect(json("client1", ...get, "10.77.121.2")).toMatchObject([
      { dst: "10.77.121.2", gateway: "10.77.120.1", dev: "eth1", prefsrc: "10.77.120.2" },
    ]);
    expect(json("client1", ...get, "10.77.99.14")).toEqual([
      { dst: "10.77.99.14", dev: "eth0", prefsrc: "10.77.99.11", flags: [], uid: 1000, cache: [] },
    ]);
    expect(json("client1", ...get, "10.77.99.11")).toMatchObject([{ type: "local", dev: "lo" }]);
    machines.client1.system.routes = [];
    expect(on("client1", ...get, "10.77.121.2")).toEqual({
      exit: 2,
      stdout: "",
      stderr: "RTNETLINK answers: Network is unreachable\n",
    });
  });

  it.each([[["addr"]], [["-j", "link"]], [["-j", "route", "get", "x"]]])("refuses %j", (words) => {
    expect(lab().on("client1", "ip", ...words).exit).not.toBe(0);
  });
});

describe("ping", () => {
  const ping = ["ping", "-n", "-c3", "-i0.3", "-W2", "-w8"] as const;

  it("is answered over the fabric, with a time to live that counts the routers", () => {
    const { exit, stdout } = lab().on("client1", ...ping, "10.77.121.2");
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^PING 10\.77\.121\.2 \(10\.77\.121\.2\) 56\(84\) bytes of data\.$/m);
    expect(
      stdout.match(/^64 bytes from 10\.77\.121\.2: icmp_seq=[123] ttl=62 time=[\d.]+ ms$/gm),
    ).toHaveLength(3);
    expect(stdout).toMatch(/^3 packets transmitted, 3 received, 0% packet loss, time \d+ms$/m);
    expect(stdout).toMatch(/^rtt min\/avg\/max\/mdev = [\d.]+\/[\d.]+\/[\d.]+\/[\d.]+ ms$/m);
  });

  it("loses everything where a leaf does not forward", () => {
    const { on, machines } = lab();
    machines.leaf2.system.forwarding = false;
    const { exit, stdout } = on("client1", ...ping, "10.77.121.2");
    expect(exit).toBe(1);
    expect(stdout).toMatch(/^3 packets transmitted, 0 received, 100% packet loss, time \d+ms$/m);
    expect(stdout).not.toContain("from 10.77.121.2:");
  });

  it("is told that nobody is there", () => {
    const { on, world, machines } = lab();
    world.machines.delete(machines.client2.id);
    const { exit, stdout } = on("leaf2", ...ping, "10.77.121.2");
    expect(exit).toBe(1);
    expect(stdout).toContain("From 10.77.121.1 icmp_seq=1 Destination Host Unreachable\n");
    expect(stdout).toMatch(/^3 packets transmitted, 0 received, \+3 errors, 100% packet loss/m);
  });

  it("can not try without a route, with a foreign source, or to a name", () => {
    const { on, machines } = lab();
    expect(on("client1", ...ping, "-I", "10.77.99.12", "10.77.121.2")).toMatchObject({
      exit: 2,
      stderr: "ping: bind: Cannot assign requested address\n",
    });
    expect(on("client1", ...ping, "leaf1")).toMatchObject({ exit: 2 });
    machines.client1.system.routes = [];
    expect(on("client1", ...ping, "10.77.121.2")).toEqual({
      exit: 2,
      stdout: "",
      stderr: "ping: connect: Network is unreachable\n",
    });
  });

  it("says nothing of single packets where it is to be quiet, and ends as it would", () => {
    const { on, world, machines } = lab();
    const quiet = on("leaf2", ...ping, "-q", "10.77.121.2");
    expect(quiet).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^PING [^\n]+\n\n--- /) });
    world.machines.delete(machines.client2.id);
    const lost = on("leaf2", ...ping, "-q", "10.77.121.2");
    expect(lost).toMatchObject({ exit: 1, stdout: expect.stringMatching(/^PING [^\n]+\n\n--- /) });
    expect(lost.stdout).toContain("+3 errors, 100% packet loss");
  });

  it("goes out from the address it is told to", () => {
    const { exit, stdout } = lab().on("leaf1", ...ping, "-I", "10.77.99.12", "10.77.110.2");
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^PING 10\.77\.110\.2 \(10\.77\.110\.2\) from 10\.77\.99\.12 : 56\(84\)/);
  });

  it.each([[[]], [["10.77.99.12"]], [["-c3", "10.77.99.12", "10.77.99.13"]], [["-c3", "-x", "10.77.99.12"]]])(
    "refuses the words %j",
    (words) => {
      expect(lab().on("leaf1", "ping", ...words).exit).toBe(2);
    },
  );
});

describe("the wire", () => {
  const arping = (...words: string[]) => ["sudo", "-n", "arping", ...words];

  it("answers neighbours in the same segment, and says so by exit codes that -D turns round", () => {
    const { on, machines } = lab();
    const heard = on("client1", ...arping("-I", "eth1", "-c3", "-w5", "10.77.120.1"));
    expect(heard).toMatchObject({ exit: 0, stderr: "" });
    expect(heard.stdout).toContain(`Unicast reply from 10.77.120.1 [${machines.leaf1.nics[2]?.mac}]`);
    expect(heard.stdout).toContain("Sent 3 probes (1 broadcast(s))\nReceived 3 response(s)\n");
    expect(on("client1", ...arping("-I", "eth1", "-c3", "-w5", "10.77.121.2")).exit).toBe(1);
    expect(on("client1", ...arping("-D", "-I", "eth1", "-c2", "-w2", "10.77.120.1")).exit).toBe(1);
    expect(on("client1", ...arping("-D", "-I", "eth1", "-c2", "-w2", "10.77.121.2")).exit).toBe(0);
  });

  it("answers for an address on another interface too, as Linux does", () => {
    const { on } = lab();
    expect(on("client1", ...arping("-D", "-I", "eth0", "-c2", "-w2", "10.77.121.2")).exit).toBe(1);
  });

  it("does not answer for the dead, or through a pulled cable", () => {
    const { on, world, machines } = lab();
    world.breakDown("pve/leaf1/silent");
    expect(on("client1", ...arping("-I", "eth1", "-c3", "-w5", "10.77.120.1")).exit).toBe(1);
    world.heal();
    machines.client1.nics = machines.client1.nics.map(({ segment: _, ...nic }) => nic);
    expect(on("client1", ...arping("-I", "eth1", "-c3", "-w5", "10.77.120.1")).exit).toBe(1);
  });

  it("is asked by root alone, on an interface that is there", () => {
    const { on } = lab();
    expect(on("client1", "arping", "-I", "eth1", "-c3", "-w5", "10.77.120.1").exit).toBe(2);
    expect(on("client1", ...arping("-I", "eth7", "-c3", "-w5", "10.77.120.1"))).toMatchObject({
      exit: 2,
      stderr: "arping: Device eth7 not available.\n",
    });
  });
});

describe("a packet that may not be taken apart", () => {
  const whole = (address: string, size = "-s1472") =>
    ["ping", "-n", "-M", "do", size, "-c1", "-W2", address] as const;

  it("gets through where every interface takes it", () => {
    const { on } = lab();
    expect(on("client1", ...whole("10.77.121.2")).stdout).toContain("1480 bytes from 10.77.121.2");
  });

  it("is refused by the sender's own interface, or by the router that can not pass it on", () => {
    const { on, machines } = lab();
    machines.client1.system.mtus[1] = 1400;
    expect(on("client1", ...whole("10.77.121.2"))).toMatchObject({
      exit: 1,
      stdout: expect.stringContaining("ping: local error: message too long, mtu=1400"),
    });
    expect(on("client1", ...whole("10.77.121.2", "-s1372")).exit).toBe(0);
    machines.client1.system.mtus = {};
    machines.leaf1.system.mtus[1] = 1400;
    expect(on("client1", ...whole("10.77.121.2")).stdout).toContain("Frag needed and DF set (mtu = 1400)");
    expect(on("client1", "ping", "-n", "-c1", "-s1472", "10.77.121.2").exit).toBe(0);
  });

  it("vanishes on a wire that takes smaller ones only", () => {
    const { on, machines } = lab();
    machines.client2.nics = machines.client2.nics.map((nic) => ({ ...nic, mtu: 1400 }));
    expect(on("client1", ...whole("10.77.121.2"))).toMatchObject({ exit: 1 });
    expect(on("client1", "ping", "-n", "-c1", "10.77.121.2").exit).toBe(0);
  });
});

describe("a TCP connection by bash", () => {
  const tcp = (address: string, port: number) => ["bash", "-c", `</dev/tcp/${address}/${port}`] as const;

  it("opens, is refused, or stays without an answer until its time is up", () => {
    const { on } = lab();
    expect(on("client1", ...tcp("10.77.99.12", 22))).toEqual({ exit: 0, stdout: "", stderr: "" });
    expect(on("client1", ...tcp("10.77.120.1", 9))).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining("bash: connect: Connection refused\n"),
    });
    expect(on("client1", ...tcp("10.77.99.12", 9)).exit).toBe(124);
  });
});

describe("a seed medium", () => {
  const script = "mount -o ro /dev/disk/by-label/cidata /mnt && sha256sum /mnt/a && cat /mnt/a";
  const read = ["sudo", "-n", "unshare", "--mount", "sh", "-c", script] as const;

  it("is mounted and read by root, and by nobody afterwards", () => {
    const { on, machines } = lab();
    machines.leaf1.medium = { label: "cidata", files: { a: "b\n" }, damaged: false };
    expect(on("leaf1", ...read)).toEqual({
      exit: 0,
      stdout: "0263829989b6fd954f72baaf2fc64bc2e2f01d692d4de72986ea808f6e99813f  /mnt/a\nb\n",
      stderr: "",
    });
    expect(on("leaf1", "cat", "/mnt/a").exit).toBe(1);
    expect(on("leaf1", ...read.slice(2)).exit).toBe(1);
  });

  it("that is not there, has another label or is damaged can not be mounted", () => {
    const { on, machines } = lab();
    expect(on("leaf1", ...read)).toMatchObject({ exit: 32, stdout: "" });
    machines.leaf1.medium = { label: "config-2", files: { a: "b\n" }, damaged: false };
    expect(on("leaf1", ...read).exit).toBe(32);
    machines.leaf1.medium = { label: "cidata", files: { a: "b\n" }, damaged: true };
    expect(on("leaf1", ...read).stderr).toContain("can't read superblock");
    machines.leaf1.medium.damaged = false;
    expect(on("leaf1", ...read).exit).toBe(0);
  });

  it("and the user data are not for everybody", () => {
    const { on } = lab();
    const file = "/var/lib/cloud/instance/user-data.txt";
    expect(on("leaf1", "cat", file)).toMatchObject({ exit: 1, stderr: `cat: ${file}: Permission denied\n` });
    expect(on("leaf1", "sudo", "-n", "cat", file).stdout).toBe("#cloud-config\nhostname: leaf1\n");
  });

  it("is read by a shell that knows plain words only", () => {
    const { on } = lab();
    expect(on("leaf1", "sh", "-c", "cat /etc/hostname; true").exit).toBe(2);
    expect(on("leaf1", "sh", "-c", "false && hostname")).toEqual({ exit: 1, stdout: "", stderr: "" });
  });
});
