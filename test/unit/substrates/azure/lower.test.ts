import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { reach } from "../../../../src/world/reachability.ts";
import { internet } from "../../../../src/world/subnet.ts";
import { type Azure, startAzure } from "../../../support/azure.ts";

let azure: Azure;
beforeAll(async () => {
  azure = await startAzure();
  // Whoever boots answers nothing.
  await azure.look();
});
afterEach(() => azure.heal());
afterAll(() => azure[Symbol.asyncDispose]());

const certifier = { segment: internet, address: "198.51.100.10/0" };
const stranger = { segment: internet, address: "192.0.2.99/0" };
const addressOf = (guest: string) => String(azure.thing(`${guest}-address`).outputs.ipAddress);
const from = (origin: typeof certifier, guest: string, port: number) =>
  reach(azure.world, origin, { protocol: "tcp", to: addressOf(guest), port }).result;

/** Sends a packet from inside a guest. */
function within(guest: string, to: string, port: number) {
  const machine = [...azure.world.machines.values()].find(
    ({ substrate, label }) => substrate === "azure" && label === guest,
  );
  if (machine === undefined) throw new TypeError(`${guest} is not running`);
  return reach(azure.world, machine, { protocol: "tcp", to, port }).result;
}

const drift = (name: string) => azure.drift(name);

describe("who gets in", () => {
  it("is who the rules let in, on the ports that they say", () => {
    expect(from(certifier, "client1", 22)).toBe("delivered");
    expect(from(stranger, "client1", 22)).toBe("filtered");
    expect(from(stranger, "client1", 5201)).toBe("filtered");
    expect(within("client2", "10.91.1.21", 5201)).toBe("delivered");
  });

  it("is everybody where only Azure's own rules are left and a route for everything is defined", async () => {
    await drift("azure-rules-missing");
    expect(from(stranger, "client1", 5201)).toBe("delivered");
    await drift("azure-routes-unbound");
    expect(from(stranger, "client1", 5201)).toBe("filtered");
    expect(within("client2", "10.91.1.21", 5201)).toBe("delivered");
  });

  it("is nobody from outside where there is no security group at all", async () => {
    await drift("azure-subnet-unguarded");
    await drift("azure-routes-unbound");
    expect(from(certifier, "client1", 22)).toBe("filtered");
    expect(within("client2", "10.91.1.21", 22)).toBe("delivered");
  });

  it("is who both groups let in where an interface has one of its own", async () => {
    await drift("azure-nic-guarded");
    await drift("azure-routes-unbound");
    expect(from(certifier, "client2", 22)).toBe("filtered");
    expect(from(certifier, "client1", 22)).toBe("delivered");
    // Its own group has nothing but Azure's rules, which let the network in.
    expect(within("client1", "10.91.1.22", 5201)).toBe("delivered");
  });
});

describe("who gets out", () => {
  it("is who has a public address and a way", async () => {
    expect(within("client1", addressOf("router1"), 5201)).toBe("filtered");
    expect(from(certifier, "client1", 22)).toBe("delivered");
    await drift("azure-address-unbound");
    expect(from(certifier, "client1", 22)).toBe("filtered");
  });

  it("is nobody where everything is sent nowhere, and answers go that way too", async () => {
    await drift("azure-route-blackhole");
    expect(from(certifier, "client1", 22)).toBe("filtered");
    expect(within("client2", "10.91.1.21", 5201)).toBe("delivered");
  });

  it("needs no route of ours: Azure's own leads to the internet", async () => {
    await drift("azure-route-missing");
    expect(from(certifier, "client1", 22)).toBe("delivered");
  });
});
