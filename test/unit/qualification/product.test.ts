import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { keyOf } from "../../../src/check/key.ts";
import { type PlannedEndpoint, plan as planModel } from "../../../src/qualification/plan.ts";
import { tryProduct } from "../../../src/qualification/product.ts";
import { bootsOf, restarted } from "../../../src/qualification/watch.ts";
import { endpointsOf } from "../../../src/substrates/pve/topology.ts";
import { generateHostKey } from "../../../src/world/hostkey.ts";
import { Substrate } from "../../support/substrate.ts";

let substrate: Substrate;
beforeAll(async () => {
  substrate = await Substrate.start();
  // Waits for all to have booted.
  await substrate.look();
}, 60_000);
afterEach(() => substrate.heal());
afterAll(() => substrate[Symbol.asyncDispose]());

const { signal } = new AbortController();

/** The lab's own endpoints and flows, with the host keys that they have. */
function planned() {
  const { guests, user, flows } = substrate.config();
  const machines = [...substrate.world.machines.values()];
  const endpoints = endpointsOf(guests, user).map((endpoint) => {
    const machine = machines.find(({ label }) => label === endpoint.name);
    return { provider: "pve", ...endpoint, hostKey: machine?.system.hostKey.publicKey };
  });
  return planModel.parse({
    ...{ environment: "lab", release: "v1", runId: "smoke-test", patience: 0, endpoints },
    flows: flows.map(({ from, to, address }) => {
      return { provider: "pve", from: from.name, to: to.name, address, protocol: "icmp" };
    }),
  });
}

async function tried(changes: Partial<ReturnType<typeof planned>> = {}): Promise<Record<string, string>> {
  const { common } = substrate.config({ "substrate:connectTimeout": "2s" });
  const answers = await tryProduct({ ...planned(), ...changes }, common, signal);
  return Object.fromEntries(
    answers.map(({ check, result, summary }) => [keyOf(check), `${result}: ${summary}`]),
  );
}

/** What did not pass. */
function wrong(found: Record<string, string>): readonly string[] {
  return Object.keys(found).filter((key) => !found[key]?.startsWith("pass: "));
}

describe("the product on certified endpoints", () => {
  it("passes on all routers and between all clients", async () => {
    const found = await tried();
    expect(wrong(found)).toEqual([]);
    expect(found["matrix.flows@client1"]).toBe("pass: 1 of 1 flows to other clients work");
    expect(found["product.ssh@client1"]).toBe("pass: client1 is logged in to as it was certified");
    expect(found["matrix.flows@client2"]).toBe("pass: 1 of 1 flows to other clients work");
    expect(Object.keys(found).filter((key) => key.startsWith("routerd.service"))).toHaveLength(3);
  });

  it("fails on the router where it is stopped, and where its peer waits for it", async () => {
    substrate.meddle("leaf2", "routerd-stopped");
    const found = await tried();
    expect(found["routerd.service@leaf2"]).toMatch(/^fail: /);
    expect(found["routerd.pools@leaf1"]).toMatch(/^fail: 1 of 1 pools are not ready/);
    expect(found["matrix.flows@client1"]).toMatch(/^pass: /);
  });

  it("fails in the matrix alone where packets are not passed on", async () => {
    substrate.meddle("leaf1", "forwarding-off");
    const found = await tried();
    expect(found["matrix.flows@client1"]).toBe("fail: no way to client2");
    expect(found["routerd.service@leaf1"]).toMatch(/^pass: /);
  });

  it("is tried from those clients that flows begin at, and from no others", async () => {
    const flows = planned().flows.filter(({ from }) => from !== "client1");
    const found = await tried({ flows });
    const matrix = Object.keys(found).filter((key) => key.startsWith("matrix.flows"));
    expect(matrix).toEqual(["matrix.flows@client2"]);
  });

  /** The endpoints, one of which is known by another host key than it has. */
  function withStranger(name: string): readonly PlannedEndpoint[] {
    const hostKey = generateHostKey().publicKey;
    return planned().endpoints.map((one) => (one.name === name ? { ...one, hostKey } : one));
  }

  it("is not judged by flows to a client that is not the certified one", async () => {
    const found = await tried({ endpoints: [...withStranger("client2")] });
    expect(found["matrix.flows@client1"]).toMatch(/^blocked: /);
  });

  it("is blocked on an endpoint that is not the certified one, and goes on elsewhere", async () => {
    const found = await tried({ endpoints: [...withStranger("leaf1")] });
    expect(found["product.ssh@leaf1"]).toMatch(/^blocked: /);
    expect(found["routerd.service@leaf1"]).toMatch(/^blocked: /);
    expect(found["routerd.service@leaf2"]).toMatch(/^pass: /);
  });

  it("does not pass where nothing is declared to be tried", async () => {
    const clients = planned().endpoints.filter(({ role }) => role === "client");
    const found = await tried({ endpoints: clients, flows: [] });
    expect(wrong(found).toSorted()).toEqual(["matrix.flows", "routerd.service"]);
    const nothing = "blocked: could not look: there is nothing to compare it with";
    expect([found["matrix.flows"], found["routerd.service"]]).toEqual([nothing, nothing]);
  });
});

describe("the substrate watch", () => {
  const watched = (endpoints: readonly PlannedEndpoint[]) => {
    const { common } = substrate.config({ "substrate:connectTimeout": "2s" });
    return bootsOf(endpoints, new Map([["pve", common]]), signal);
  };

  it("finds every endpoint by its certified key, and notices one that is silent or somebody else", async () => {
    const { endpoints } = planned();
    const heard = async () => [...(await watched(endpoints)).values()].map(({ endpoint }) => endpoint.name);
    const all = endpoints.map(({ name }) => name);
    expect(await heard()).toEqual(all);
    const others = all.filter((name) => name !== "leaf1");
    substrate.world.breakDown("pve/leaf1/silent");
    expect(await heard()).toEqual(others);
    await substrate.heal();
    substrate.world.breakDown("pve/leaf1/hostkey");
    expect(await heard()).toEqual(others);
  });

  it("notices one that was restarted in between, and nobody else", async () => {
    const { endpoints } = planned();
    const before = await watched(endpoints);
    expect(restarted(before, await watched(endpoints))).toEqual([]);
    const leaf1 = [...substrate.world.machines.values()].find(({ label }) => label === "leaf1");
    if (leaf1 === undefined) throw new TypeError("no leaf1");
    substrate.world.machines.set(leaf1.id, { ...leaf1, startedAt: leaf1.startedAt + 1 });
    expect(restarted(before, await watched(endpoints))).toMatchObject([
      { name: "substrate.boot", provider: "pve", target: "leaf1", result: "fail" },
    ]);
  });
});
