// What a guest is to be told, by PVE's own rendering of its settings.
import { readFileSync } from "node:fs";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { publicKeyOf } from "../../../../src/probes/key.ts";
import { parsePve } from "../../../../src/substrates/pve/config.ts";
import { readTold } from "../../../../src/substrates/pve/told.ts";
import { generateHostKey } from "../../../../src/world/hostkey.ts";

const stackFile = new URL("../../../../stacks/Pulumi.lab-pve.yaml", import.meta.url);
const tracked = z.object({ config: z.record(z.string(), z.unknown()) });
const config = parsePve(
  {
    ...tracked.parse(load(readFileSync(stackFile, "utf8"))).config,
    "pve:endpoint": "https://192.0.2.1:8006/",
    "pve:token": "certifier@pve!lab=00000000-0000-0000-0000-000000000000",
    "pve:fingerprint": Array(32).fill("AB").join(":"),
    "substrate:sshKey": generateHostKey().privateKey,
  },
  "test",
);
const guest = config.guests.find(({ name }) => name === "client1");
if (guest === undefined) throw new TypeError("the lab has no client1");
const facts = guest.nics
  .flatMap(({ address, gateway }) => [address.replace(/\/.*/, ""), gateway ?? []])
  .flat();

/** What PVE renders where all is as declared (qemu-server, PVE/QemuServer/Cloudinit.pm). */
const rendered = {
  user:
    `#cloud-config\nhostname: client1\nmanage_etc_hosts: true\nfqdn: client1.${config.domain}\nuser: ${config.user}\n` +
    `ssh_authorized_keys:\n  - ${publicKeyOf(config.common.sshKey)}\n`,
  network: [
    "version: 1",
    ...facts.map((one) => `    address: '${one}'`),
    ...config.nameservers.map((one) => `    - '${one}'`),
  ].join("\n"),
  meta: "instance-id: 0123abc\n",
};

async function told(parts: Partial<typeof rendered> = {}, settings: Readonly<Record<string, string>> = {}) {
  const asked: string[] = [];
  const dumps: Readonly<Record<string, string>> = { ...rendered, ...parts };
  const api = {
    get: async <M extends z.ZodType>(path: string, model: M) => {
      asked.push(path);
      return model.parse(dumps[/type=(.*)$/.exec(path)?.[1] ?? ""] ?? settings);
    },
  };
  if (guest === undefined) throw new TypeError("no guest");
  const { signal } = new AbortController();
  return { ...(await readTold(config, guest, { api, signal })), asked };
}

describe("what a guest is told", () => {
  it("is what PVE renders, under an instance-id, with every declared fact in it", async () => {
    const path = `/nodes/${guest.node}/qemu/${guest.vmId}`;
    expect(await told()).toEqual({
      files: { "user-data": rendered.user, "network-config": rendered.network, "meta-data": rendered.meta },
      instanceId: "0123abc",
      undeclared: 0,
      asked: [
        `${path}/cloudinit/dump?type=user`,
        `${path}/cloudinit/dump?type=network`,
        `${path}/cloudinit/dump?type=meta`,
        `${path}/config?current=1`,
      ],
    });
  });

  it.each([
    ["the hostname", "hostname: client1\n"],
    ["the domain", `.${config.domain}`],
    ["the login", `user: ${config.user}`],
    ["the key", publicKeyOf(config.common.sshKey)],
  ])("lacks a fact where %s is missing", async (_name, words) => {
    expect((await told({ user: rendered.user.replace(words, "") })).undeclared).toBe(1);
  });

  it("lacks each address, gateway and name server that is missing", async () => {
    expect(facts.length).toBeGreaterThan(1);
    for (const fact of [...facts, ...config.nameservers]) {
      const network = rendered.network.replace(`'${fact}'`, "");
      expect((await told({ network })).undeclared, fact).toBe(1);
    }
  });

  it("lacks a fact that stands there only as a part of another word", async () => {
    const user = rendered.user.replace("hostname: client1\n", "hostname: client10\nx-hostname: client1x\n");
    expect((await told({ user })).undeclared).toBe(1);
  });

  it("names a fact however it is quoted and listed", async () => {
    const quoted = rendered.user.replace("hostname: client1\n", "  - hostname: 'client1'\n");
    expect((await told({ user: quoted })).undeclared).toBe(0);
    const bare = rendered.network.replaceAll("'", '"');
    expect((await told({ network: bare })).undeclared).toBe(0);
  });

  it("is something else where snippets take its place", async () => {
    expect((await told({}, { cicustom: "user=local:snippets/x.yaml" })).undeclared).toBe(1);
  });

  it.each(["", "instance-id:\n", "x-instance-id: 1\n", "instance-id: a b\n"])(
    "can not be known without an instance-id: %j",
    async (meta) => {
      await expect(told({ meta })).rejects.toThrow(
        expect.objectContaining({
          reason: "unparsable",
          message: expect.stringContaining("cloudinit/dump?type=meta"),
        }),
      );
    },
  );
});
