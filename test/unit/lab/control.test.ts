import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Problem } from "../../../src/environment/problem.ts";
import { type Control, serveControl, status } from "../../../src/lab/control.ts";
import { World } from "../../../src/world/world.ts";

let world: World;
let control: Control;
let downs: number;

beforeEach(async () => {
  world = new World();
  downs = 0;
  const refuse = async () => {
    throw new Problem({ subject: "thing", expected: "another", remedy: "name it" });
  };
  const lab = {
    ...{ world, overlay: {}, readOnly: {}, providers: {}, meddle: refuse, send: refuse, tamper: refuse },
    state: (substrate: string) => ({ [substrate]: "holds this" }),
    heal: async () => world.heal(),
    async [Symbol.asyncDispose]() {},
  };
  control = await serveControl(lab, () => {
    downs += 1;
  });
});

afterEach(() => control[Symbol.asyncDispose]());

function post(body: unknown, authorization = `Bearer ${control.token}`) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return fetch(`http://127.0.0.1:${control.port}/`, {
    method: "POST",
    headers: { authorization },
    body: text,
  });
}

describe("the lab's control", () => {
  it.each(["", "Bearer", "Bearer 0", `Bearer ${"0".repeat(48)}`])(
    "obeys nobody with %j",
    async (authorization) => {
      const response = await post({ do: "break", fault: "a/down" }, authorization);
      expect([response.status, await response.text()]).toEqual([401, ""]);
      expect(world.faults()).toEqual([]);
    },
  );

  it("breaks, delays and heals, and says how the lab is doing", async () => {
    await post({ do: "break", fault: "a/down" });
    world.effects.push({ principal: "p", action: "PUT /x" });
    const broken = status.parse(await (await post({ do: "latency", ms: 5 })).json());
    expect(broken).toEqual({ machines: [], effects: { p: 1 }, faults: ["a/down"], latency: 5 });
    const healed = status.parse(await (await post({ do: "heal" })).json());
    expect([healed.faults, healed.latency]).toEqual([[], 0]);
  });

  it("ends the lab after it has said so", async () => {
    expect((await post({ do: "down" })).status).toBe(200);
    expect(downs).toBe(1);
  });

  it.each(["no json", {}, { do: "explode" }, { do: "latency", ms: -1 }])("refuses %j", async (body) => {
    expect((await post(body)).status).toBe(400);
    expect(world.latency).toBe(0);
  });

  it("passes a problem's words on", async () => {
    const meddling = { do: "meddle", substrate: "a", type: "t", id: "1", inputs: {}, outputs: {} };
    const response = await post(meddling);
    expect([response.status, await response.text()]).toEqual([400, "thing: expected another — name it"]);
  });
});
