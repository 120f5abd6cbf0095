import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import ssh2 from "ssh2";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type Reason, Unreadable } from "../../src/check/unreadable.ts";
import type { Endpoint } from "../../src/environment/common.ts";
import { name } from "../../src/environment/name.ts";
import { Secret } from "../../src/environment/secret.ts";
import { startJump } from "../../src/lab/guests.ts";
import { serveGuest } from "../../src/lab/sshd.ts";
import type { Probe } from "../../src/probes/transport.ts";
import { type Access, HostKeyMismatch, openSession, type Session } from "../../src/probes/transports/ssh.ts";
import { generateHostKey } from "../../src/world/hostkey.ts";
import { closedPort, listen, listenSsh, type Running, relay } from "../fixtures/servers.ts";
import { controller, topology } from "../fixtures/topology.ts";

const whoami: Probe = { id: "name", argv: ["hostname"], timeout: 1 };
const never = new AbortController().signal;

/** Long enough for a busy machine; tests of silence take `brief`. */
const patience = 10_000;
const brief = 150;

function at(host: string, port: number): Endpoint {
  return { name: name.parse("leaf1"), role: name.parse("leaf"), host, port, user: "lab" };
}

type Far = { readonly endpoint: Endpoint; readonly access: Access };
type Lab = ReturnType<typeof topology>;

/** The two ways to a guest of the lab. */
const ways: readonly { way: string; build: (lab: Lab) => Promise<Far> }[] = [
  {
    way: "directly",
    build: async ({ world, machines, key }) => {
      const server = kept(await listen((socket) => serveGuest(world, machines.leaf1, socket)));
      return {
        endpoint: at("127.0.0.1", server.port),
        access: accessWith(key.privateKey, machines.leaf1.system.hostKey.publicKey),
      };
    },
  },
  {
    way: "through a jump host",
    build: async ({ world, machines, key }) => {
      const jump = kept(await startJump(world, { authorizedKey: key.publicKey, attachment: controller }));
      const access = accessWith(key.privateKey, machines.leaf1.system.hostKey.publicKey);
      const settings = { host: "127.0.0.1", port: jump.port, user: "jump", hostKey: jump.hostKey };
      return { endpoint: at("10.77.99.12", 22), access: { ...access, jump: settings } };
    },
  },
];

function accessWith(privateKey: string, hostKey: string): Access {
  return {
    privateKey: new Secret(privateKey),
    connectTimeout: patience,
    verify: (shown) => shown === hostKey,
    signal: never,
  };
}

function kept<T extends AsyncDisposable>(resource: T): T {
  onTestFinished(() => resource[Symbol.asyncDispose]());
  return resource;
}

async function open({ endpoint, access }: Far, change: Partial<Access> = {}): Promise<Session> {
  return kept(await openSession(endpoint, { ...access, ...change }));
}

async function failure(attempt: Promise<unknown>): Promise<unknown> {
  try {
    await attempt;
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}

async function reason(attempt: Promise<unknown>): Promise<Reason> {
  const error = await failure(attempt);
  if (error instanceof Unreadable) return error.reason;
  throw error;
}

describe.each(ways)("a guest that is reached $way", ({ build }) => {
  async function reachable(): Promise<Lab & Far> {
    const lab = topology();
    return { ...lab, ...(await build(lab)) };
  }

  it("shows its host key and answers a batch", async () => {
    const far = await reachable();
    const session = await open(far);
    expect(session.hostKey).toBe(far.machines.leaf1.system.hostKey.publicKey);
    const unknown: Probe = { id: "unknown", argv: ["no such", "ü\n"], timeout: 1 };
    const readings = await session.run([whoami, unknown], never);
    expect(readings.get("name")).toEqual({ exit: 0, stdout: "leaf1\n", stderr: "", truncated: false });
    expect(readings.get("unknown")).toMatchObject({ exit: 127, stdout: "" });
  });

  it("answers 30 probes in one round trip, and batches side by side", async () => {
    const exec = vi.spyOn(ssh2.Client.prototype, "exec");
    onTestFinished(() => exec.mockRestore());
    const far = await reachable();
    far.world.latency = 50;
    const session = await open(far);
    const probes = Array.from(
      { length: 30 },
      (_, index): Probe => ({ id: `p${index}`, argv: ["echo", `${index}`], timeout: 1 }),
    );
    const readings = await session.run(probes, never);
    expect(exec).toHaveBeenCalledTimes(1);
    expect([...readings.values()].map(({ stdout }) => stdout)).toEqual(
      probes.map(({ argv }) => `${argv[1]}\n`),
    );
    const both = await Promise.all([session.run([whoami], never), session.run(probes, never)]);
    expect(both.map(({ size }) => size)).toEqual([1, 30]);
  });

  it("is not logged in to where its host key is refused", async () => {
    const far = await reachable();
    const login = vi.fn();
    far.machines.leaf1.system.users = new Proxy(far.machines.leaf1.system.users, { get: login });
    const error = await failure(open(far, { verify: async () => false }));
    expect(error).toBeInstanceOf(HostKeyMismatch);
    expect(error).toMatchObject({ fingerprint: expect.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/) });
    expect(login).not.toHaveBeenCalled();
  });

  it("is somebody else where it shows a key that is not on its disk", async () => {
    const far = await reachable();
    far.world.breakDown("pve/leaf1/hostkey");
    expect(await failure(open(far))).toBeInstanceOf(HostKeyMismatch);
    const shown = await Promise.all([open(far, { verify: () => true }), open(far, { verify: () => true })]);
    expect(shown[0]?.hostKey).toBe(shown[1]?.hostKey);
    far.world.heal();
    expect((await open(far)).hostKey).toBe(far.machines.leaf1.system.hostKey.publicKey);
  });

  it("passes on what the judge of host keys throws", async () => {
    const far = await reachable();
    const unknown = new Unreadable("no-expectation", "nothing is recorded");
    expect(await failure(open(far, { verify: () => Promise.reject(unknown) }))).toBe(unknown);
  });

  it("is not waited for longer than the timeout, also by the judge of host keys", async () => {
    const far = await reachable();
    const stuck = new Promise<boolean>(() => undefined);
    expect(await reason(open(far, { verify: () => stuck, connectTimeout: brief }))).toBe("timeout");
  });

  it("that is judged when the connection is over harms nobody", async () => {
    const far = await reachable();
    const late = Promise.withResolvers<boolean>();
    expect(await reason(open(far, { verify: () => late.promise, connectTimeout: brief }))).toBe("timeout");
    late.resolve(false);
    // An error thrown into ssh2's callback would be a rejection that nobody handles.
    await new Promise((resolve) => setImmediate(resolve));
  });

  it("refuses a key that is not its user's, and a user that it does not have", async () => {
    const far = await reachable();
    far.machines.leaf1.system.users.lab = [generateHostKey().publicKey];
    expect(await reason(open(far))).toBe("key-refused");
    expect(await reason(open({ ...far, endpoint: { ...far.endpoint, user: "root" } }))).toBe("key-refused");
  });

  it("falls silent in the middle, and the run ends by its deadline", async () => {
    const far = await reachable();
    const session = await open(far);
    far.world.breakDown("pve/leaf1/silent");
    expect(await reason(session.run([whoami], AbortSignal.timeout(brief)))).toBe("timeout");
    far.world.heal();
    expect(await reason(session.run([whoami], never))).toBe("unreachable");
  });

  it("is not asked any longer when the run is cancelled", async () => {
    const far = await reachable();
    const session = await open(far);
    far.world.breakDown("pve/leaf1/silent");
    const cancel = new AbortController();
    const running = reason(session.run([whoami], cancel.signal));
    cancel.abort();
    expect(await running).toBe("cancelled");
  });

  it("is not connected to when the run was cancelled before", async () => {
    expect(await reason(open(await reachable(), { signal: AbortSignal.abort() }))).toBe("cancelled");
  });

  it("ends its connections when it is switched off", async () => {
    const far = await reachable();
    const session = await open(far);
    far.world.latency = 60_000;
    const running = reason(session.run([whoami], never));
    far.world.machines.delete(far.machines.leaf1.id);
    expect(await running).toBe("unreachable");
  });

  it("can be left twice", async () => {
    const session = await open(await reachable());
    await session[Symbol.asyncDispose]();
    await session[Symbol.asyncDispose]();
    expect(await reason(session.run([whoami], never))).toBe("unreachable");
  });
});

describe("a far end on TCP", () => {
  const { privateKey, publicKey } = generateHostKey();
  const hostKey = generateHostKey();
  const to = (port: number): Far => ({
    endpoint: at("127.0.0.1", port),
    access: accessWith(privateKey, hostKey.publicKey),
  });
  const badly = async (exec: Parameters<typeof listenSsh>[0]["exec"]): Promise<Session> => {
    const server = kept(await listenSsh({ hostKey: hostKey.privateKey, authorizedKey: publicKey, exec }));
    return open(to(server.port));
  };

  it("refuses on a closed port", async () => {
    expect(await reason(open(to(await closedPort())))).toBe("refused");
  });

  it("can not be found by a name that does not exist", async () => {
    const far = to(22);
    expect(await reason(open({ ...far, endpoint: { ...far.endpoint, host: "nowhere.invalid" } }))).toBe(
      "unreachable",
    );
  });

  it.each([
    ["says nothing", ""],
    ["shows its banner and then says nothing", "SSH-2.0-OpenSSH_9.6\r\n"],
  ])("times out where it %s, and is hung up on", async (_title, banner) => {
    const server = kept(await listen((socket) => socket.resume().write(banner)));
    expect(await reason(open(to(server.port), { connectTimeout: brief }))).toBe("timeout");
    await server.idle();
  });

  it("is hung up on at once when the run is cancelled", async () => {
    const cancel = new AbortController();
    const server = kept(await listen((socket) => socket.resume().once("data", () => cancel.abort())));
    expect(await reason(open(to(server.port), { signal: cancel.signal }))).toBe("cancelled");
    await server.idle();
  });

  it("is lost where it resets the connection", async () => {
    const server = kept(await listen((socket) => socket.resetAndDestroy()));
    expect(await reason(open(to(server.port)))).toBe("unreachable");
  });

  it("is lost where it hangs up after its banner", async () => {
    const server = kept(await listen((socket) => socket.resume().end("SSH-2.0-OpenSSH_9.6\r\n")));
    expect(await reason(open(to(server.port)))).toBe("unreachable");
  });

  it("is not understood where it speaks no SSH", async () => {
    const server = kept(await listen((socket) => socket.resume().write("SSH-1.5-old\r\n")));
    expect(await reason(open(to(server.port)))).toBe("unparsable");
  });

  it("is not talked to with old algorithms", async () => {
    const { private: rsa } = ssh2.utils.generateKeyPairSync("rsa", { bits: 2048 });
    const server = kept(
      await listenSsh({ hostKey: rsa, authorizedKey: publicKey, exec: (channel) => channel.end() }),
    );
    expect(await reason(open(to(server.port), { verify: () => true }))).toBe("unparsable");
  });

  it.each([
    ["in mid-frame", (nonce: string) => `\n${nonce} begin\n${nonce} name r0\n${nonce} name obGVh`],
    [
      "before the end",
      (nonce: string) =>
        `\n${nonce} begin\n${nonce} name r0\n${nonce} name o\n${nonce} name e\n${nonce} name .\n`,
    ],
  ])("cuts its answer short where it disconnects %s", async (_title, answer) => {
    const session = await badly((channel, socket) => {
      channel.once("data", (batch: Buffer) => {
        channel.write(answer(batch.toString().slice(0, 32)), () => socket.end());
      });
    });
    expect(await reason(session.run([whoami], never))).toBe("truncated");
  });

  it("is lost where it disconnects without an answer", async () => {
    const session = await badly((_channel, socket) => socket.destroy());
    expect(await reason(session.run([whoami], never))).toBe("unreachable");
  });

  it("is not understood where it answers something else", async () => {
    const session = await badly((channel) => {
      channel.once("data", (batch: Buffer) => {
        const nonce = batch.toString().slice(0, 32);
        channel.end(`\n${nonce} begin\n${nonce} name yes\n${nonce} name .\n${nonce} end\n`);
      });
    });
    expect(await reason(session.run([whoami], never))).toBe("unparsable");
  });

  it.each(["stdout", "stderr"] as const)(
    "is cut off where it does not stop talking on %s",
    async (stream) => {
      const chunk = Buffer.alloc(65_536, "x");
      let ended = false;
      const session = await badly((channel, socket) => {
        const mouth = stream === "stdout" ? channel : channel.stderr;
        const talk = () => {
          while (!ended && mouth.writable && mouth.write(chunk));
        };
        socket.once("close", () => {
          ended = true;
        });
        mouth.on("drain", talk);
        talk();
      });
      expect(await reason(session.run([whoami], never))).toBe("unparsable");
    },
  );
});

describe("a jump host", () => {
  async function jumping(change: { readonly hostKey?: string; readonly authorizedKey?: string } = {}) {
    const lab = topology();
    const { authorizedKey = lab.key.publicKey } = change;
    const jump = kept(await startJump(lab.world, { authorizedKey, attachment: controller }));
    const counter: Running = kept(await relay(jump.port));
    const { hostKey = jump.hostKey } = change;
    const settings = { host: "127.0.0.1", port: counter.port, user: "jump", hostKey };
    const access = { ...accessWith(lab.key.privateKey, ""), verify: () => true, jump: settings };
    const to = (host: string, port = 22): Far => ({ endpoint: at(host, port), access });
    return { ...lab, jump, counter, to, named: `jump host 127.0.0.1:${counter.port}` };
  }
  const hosts = ["10.77.99.11", "10.77.99.12", "10.77.99.13", "10.77.99.14"];

  it("is connected to once for all endpoints, and left by the last", async () => {
    const { counter, to } = await jumping();
    const sessions = await Promise.all(hosts.map((host) => open(to(host))));
    const readings = await Promise.all(sessions.map((session) => session.run([whoami], never)));
    expect(readings.map((reading) => reading.get("name")?.stdout)).toEqual([
      "client1\n",
      "leaf1\n",
      "leaf2\n",
      "client2\n",
    ]);
    expect(counter.taken()).toBe(1);
    const [last, ...others] = sessions;
    await Promise.all(others.map((session) => session[Symbol.asyncDispose]()));
    expect((await last?.run([whoami], never))?.size).toBe(1);
    await last?.[Symbol.asyncDispose]();
    await counter.idle();
    await open(to("10.77.99.11"));
    expect(counter.taken()).toBe(2);
  });

  it("is connected to anew when its connection was lost", async () => {
    const { counter, to, jump } = await jumping();
    const session = await open(to("10.77.99.11"));
    const lost = reason(
      session.run([{ ...whoami, argv: ["hostname"] }], never).then(() => session.run([whoami], never)),
    );
    await jump[Symbol.asyncDispose]();
    expect(["unreachable", "truncated"]).toContain(await lost);
    await counter.idle();
    expect(await failure(open(to("10.77.99.11")))).toMatchObject({ reason: "unreachable" });
    expect(counter.taken()).toBe(2);
  });

  it("is blamed by name where it shows another key than the pinned one", async () => {
    const { to, named, counter } = await jumping({ hostKey: generateHostKey().publicKey });
    const error = await failure(open(to("10.77.99.11")));
    expect(error).toMatchObject({ reason: "untrusted", message: expect.stringContaining(named) });
    await counter.idle();
  });

  it("is blamed by name where it refuses the key", async () => {
    const { to, named } = await jumping({ authorizedKey: generateHostKey().publicKey });
    const errors = await Promise.all(hosts.map((host) => failure(open(to(host)))));
    for (const error of errors)
      expect(error).toMatchObject({ reason: "key-refused", message: expect.stringContaining(named) });
  });

  it("is blamed by name where nobody listens", async () => {
    const far = (await jumping()).to("10.77.99.11");
    const port = await closedPort();
    const settings = { host: "127.0.0.1", port, user: "jump", hostKey: "" };
    const error = await failure(open(far, { jump: settings }));
    expect(error).toMatchObject({
      reason: "refused",
      message: expect.stringContaining(`jump host 127.0.0.1:${port}`),
    });
  });

  it("tells that a port behind it is closed", async () => {
    const { to, machines } = await jumping();
    machines.client1.system.listening.length = 0;
    expect(await reason(open(to("10.77.99.11")))).toBe("refused");
  });

  it.each([
    ["is silent", "10.77.99.11", 22],
    ["does not exist", "10.77.99.99", 22],
    ["is filtered", "10.77.99.11", 80],
  ])("does not answer for what %s, and stays for the others", async (_title, host, port) => {
    const { to, world, counter } = await jumping();
    world.breakDown("pve/client1/silent");
    const other = await open(to("10.77.99.12"));
    expect(await reason(open(to(host, port), { connectTimeout: brief }))).toBe("timeout");
    expect((await other.run([whoami], never)).size).toBe(1);
    expect(counter.taken()).toBe(1);
  });

  it("is left when nobody waits for it any more", async () => {
    const { to, world, counter } = await jumping();
    world.breakDown("pve/silent");
    const cancel = new AbortController();
    const waiting = hosts.map((host) => reason(open(to(host), { signal: cancel.signal })));
    cancel.abort();
    expect(await Promise.all(waiting)).toEqual(["cancelled", "cancelled", "cancelled", "cancelled"]);
    await counter.idle();
  });

  it("leads OpenSSH to a guest, as a person would go", async ({ skip }) => {
    const { jump, key, machines } = await jumping();
    const folder = mkdtempSync(join(tmpdir(), "openssh-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = (leaf: string, lines: readonly string[]): string => {
      writeFileSync(join(folder, leaf), `${lines.join("\n")}\n`, { mode: 0o600 });
      return join(folder, leaf);
    };
    const config = file("config", [
      "Host jumphost",
      `HostName 127.0.0.1\nPort ${jump.port}\nUser jump\nHostKeyAlias jumphost`,
      "Host 10.77.99.*",
      "ProxyJump jumphost\nUser lab",
      "Host *",
      `IdentityFile ${file("key", [key.privateKey.trimEnd()])}\nIdentitiesOnly yes\nBatchMode yes`,
      `UserKnownHostsFile ${file("known", [`jumphost ${jump.hostKey}`, `10.77.99.12 ${machines.leaf1.system.hostKey.publicKey}`])}`,
      "StrictHostKeyChecking yes",
    ]);
    const ssh = await execa("ssh", ["-F", config, "10.77.99.12", "hostname"], {
      reject: false,
      stdin: "ignore",
    });
    if (ssh.code === "ENOENT") skip("OpenSSH's client is not installed");
    expect(ssh).toMatchObject({ exitCode: 0, stdout: "leaf1" });
    const unknown = await execa("ssh", ["-F", config, "10.77.99.12", "nosuch"], {
      reject: false,
      stdin: "ignore",
    });
    expect(unknown).toMatchObject({ exitCode: 127, stderr: "sh: 1: nosuch: not found" });
  });

  it("hangs up on everybody when it stops", async () => {
    const { to, jump } = await jumping();
    const session = await open(to("10.77.99.11"));
    await jump[Symbol.asyncDispose]();
    expect(await reason(session.run([whoami], never))).toBe("unreachable");
  });
});
