import { afterEach, beforeEach, expect, test } from "vitest";
import { addToken } from "../../../../../src/substrates/pve/double/tokens.ts";
import { certifier, type FarEnd, startFarEnd } from "./farend.ts";

let far: FarEnd;
beforeEach(async () => {
  far = await startFarEnd();
});
afterEach(() => far[Symbol.asyncDispose]());

const bridge = { iface: "vmbr7", type: "bridge", autostart: "1" };

test("a token with another secret, and one that nobody issued, are refused", async () => {
  far.cluster.tokens.set("a@pve!b", { ...addToken(far.cluster, "a@pve!b", "full"), secret: "old" });
  expect((await far.send("GET", "/version", { as: "a@pve!b" })).status).toBe(200);
  expect(await far.send("GET", "/version", { as: "nobody@pve!lab" })).toMatchObject({
    status: 401,
    reason: "no such token 'lab' for user 'nobody@pve'",
    message: "no such token 'lab' for user 'nobody@pve'\n",
  });
  expect(await far.send("GET", "/version", { authorization: "PVEAPIToken=a@pve!b=new" })).toMatchObject({
    status: 401,
    reason: "invalid token value!",
  });
});

test("a token that may read changes nothing, and one without rights sees empty lists", async () => {
  addToken(far.cluster, "reader@pve!lab", "audit");
  addToken(far.cluster, "none@pve!lab", "none");
  expect((await far.send("GET", "/cluster/status", { as: "reader@pve!lab" })).status).toBe(200);
  expect(await far.send("POST", "/nodes/pve1/network", { as: "reader@pve!lab", form: bridge })).toMatchObject(
    {
      status: 403,
      reason: "Permission check failed (/nodes/pve1, Sys.Modify)",
    },
  );
  expect(far.cluster.nodes.get("pve1")?.staged).toBeUndefined();
  expect((await far.send("GET", "/cluster/status", { as: "none@pve!lab" })).status).toBe(403);
  expect((await far.send("GET", "/nodes/pve1/storage", { as: "none@pve!lab" })).data).toEqual([]);
  expect((await far.send("GET", "/access/permissions", { as: "none@pve!lab" })).data).toEqual({});
});

test("permissions are told by path, inherited downwards", async () => {
  addToken(far.cluster, "reader@pve!lab", "audit");
  const own = await far.send("GET", "/access/permissions", { as: "reader@pve!lab" });
  expect(own.data).toMatchObject({
    "/": { "Sys.Audit": 1 },
    "/vms": { "VM.Audit": 1 },
    "/sdn": { "SDN.Audit": 1 },
  });
  expect(own.data).not.toHaveProperty(["/", "Sys.Modify"]);
  const query = { userid: "reader@pve!lab", path: "/sdn/zones/localnetwork" };
  const asked = await far.send("GET", "/access/permissions", { query });
  expect(asked.data).toMatchObject({ "/sdn/zones/localnetwork": { "SDN.Audit": 1 } });
});

test("only what others than the outsider change counts as an effect, and only when it worked", async () => {
  await far.send("GET", "/nodes/pve1/network");
  await far.send("POST", "/nodes/pve1/network", { form: { ...bridge, iface: "vmbr0" } });
  await far.drift("POST", "/nodes/pve1/network", { ...bridge, iface: "vmbr8" });
  expect(far.world.effects).toEqual([]);
  await far.send("POST", "/nodes/pve1/network", { form: bridge });
  expect(far.world.effects).toEqual([{ principal: certifier, action: "POST /nodes/pve1/network" }]);
});

test("what the API does not know is an error: methods, parameters, nodes", async () => {
  expect(await far.send("GET", "/nodes/pve1/lxc")).toMatchObject({
    status: 501,
    reason: "Method 'GET /nodes/pve1/lxc' not implemented",
  });
  const form = { ...bridge, colour: "red" };
  expect(await far.send("POST", "/nodes/pve1/network", { form })).toMatchObject({
    status: 400,
    reason: "Parameter verification failed.",
    errors: { colour: expect.stringContaining("not defined in schema") },
  });
  expect(await far.send("GET", "/nodes/pve9/network")).toMatchObject({
    status: 500,
    reason: expect.stringContaining("hostname lookup 'pve9' failed"),
  });
});

test("while the API refuses everybody, drifts still come about", async () => {
  far.world.breakDown("pve/unauthorized");
  expect((await far.send("GET", "/version")).status).toBe(401);
  await far.drift("POST", "/nodes/pve1/network", bridge);
  far.world.heal();
  expect((await far.send("GET", "/version")).status).toBe(200);
});
