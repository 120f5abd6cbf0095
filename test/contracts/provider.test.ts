import { Client, credentials, Metadata, type MethodDefinition } from "@grpc/grpc-js";
import service from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import statuses from "@pulumi/pulumi/proto/status_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { afterEach, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { type RunningProvider, serveProvider } from "../../src/lab/provider.ts";
import {
  type Properties,
  type ProviderDouble,
  type ResourceDouble,
  unknown,
} from "../../src/substrates/double.ts";

import { HalfMade } from "../../src/substrates/partial.ts";

const rpc = service.ResourceProviderService;
const signature = "4dabf18193072939515e22adb298388d";
const secretKind = "1b47061264138c4ac30d75fd1eb44270";
const secret = (value: string) => ({ [signature]: secretKind, value });

/** A provider of cups: a cup has an owner, a size that can not be changed, and a serial number that is secret. */
function cupboard(): ProviderDouble {
  const cups = new Map<string, Properties>();
  const cup = (owner: unknown): ResourceDouble => ({
    deleteBeforeReplace: true,
    secrets: ["serial"],
    check(news) {
      if (news.size === "huge") throw new Error("no cup is that big");
      return { size: "small", ...news };
    },
    diff: ({ outputs }, news) => [
      ...(outputs.label === news.label ? [] : [{ path: "label", kind: "update" } as const]),
      ...(outputs.size === news.size ? [] : [{ path: "size", kind: "update-replace" } as const]),
    ],
    preview: (news) => ({ ...news, serial: unknown }),
    async create(news) {
      if (news.label === "cracked")
        throw new HalfMade(
          { id: "cup-x", outputs: { label: "cracked", serial: "0815" } },
          new Error("it leaks"),
        );
      const id = `cup-${cups.size + 1}`;
      cups.set(id, { ...news, owner, serial: "4711" });
      return { id, outputs: cups.get(id) ?? {} };
    },
    async read(id) {
      const outputs = cups.get(id);
      return outputs && { id, outputs, inputs: { size: outputs.size, label: outputs.label } };
    },
    async update(id, { news }) {
      cups.set(id, { ...cups.get(id), ...news });
      return cups.get(id) ?? {};
    },
    async delete(id, _olds, signal) {
      if (id === "cup-stuck") {
        deleting.resolve();
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      }
      cups.delete(id);
    },
  });
  return {
    plugin: "cupboard",
    version: "1.2.3",
    configure: ({ owner }) => ({
      resource(type) {
        if (type !== "cupboard:index:Cup") throw new Error(`unknown type ${type}`);
        return cup(owner);
      },
      async invoke(token, args) {
        if (token !== "cupboard:index:count") throw new Error(`unknown function ${token}`);
        return { count: cups.size, asked: args.what };
      },
    }),
  };
}

const urn = "urn:pulumi:dev::test::cupboard:index:Cup::mine";
const deleting = Promise.withResolvers<void>();
let provider: RunningProvider;
let engine: Engine;

beforeEach(async () => {
  provider = await serveProvider(cupboard());
  engine = await connect("ann");
});

afterEach(async () => {
  engine.close();
  await provider[Symbol.asyncDispose]();
});

it("fills in defaults at check and refuses with the double's words", async () => {
  const good = await engine.call(rpc.check, checkRequest({ label: "tea" }));
  expect(good.getInputs()?.toJavaScript()).toEqual({ size: "small", label: "tea" });
  const bad = await engine.call(rpc.check, checkRequest({ size: "huge" }));
  expect(bad.getFailuresList().map((failure) => failure.getReason())).toEqual(["no cup is that big"]);
});

it("creates nothing in a preview", async () => {
  const preview = await create({ label: "tea" }, true);
  expect(preview.getId()).toBe("");
  expect(preview.getProperties()?.toJavaScript().label).toBe("tea");
  expect(await count()).toBe(0);
  expect((await create({ label: "tea" })).getId()).toBe("cup-1");
  expect(await count()).toBe(1);
});

it("gives secrets back as secrets, the declared ones and the provider's own", async () => {
  const created = await create({ label: secret("whisky") });
  const outputs = created.getProperties()?.toJavaScript();
  expect(outputs).toMatchObject({ label: secret("whisky"), serial: secret("4711"), owner: "ann" });
  const read = await engine.call(rpc.read, readRequest("cup-1", { label: secret("whisky") }));
  expect(read.getProperties()?.toJavaScript()).toMatchObject({
    label: secret("whisky"),
    serial: secret("4711"),
  });
});

it("tells property paths, and what replaces", async () => {
  const change = diffRequest({ label: "tea", size: "small" }, { label: "coffee", size: "big" });
  const diff = await engine.call(rpc.diff, change);
  const kinds = [...diff.getDetaileddiffMap().entries()].map(([path, change]) => [path, change.getKind()]);
  expect(kinds).toEqual([
    ["label", messages.PropertyDiff.Kind.UPDATE],
    ["size", messages.PropertyDiff.Kind.UPDATE_REPLACE],
  ]);
  expect(diff.getReplacesList()).toEqual(["size"]);
  expect(diff.getDeletebeforereplace()).toBe(true);
  expect(diff.getChanges()).toBe(messages.DiffResponse.DiffChanges.DIFF_SOME);
});

it("says nothing of ignored paths", async () => {
  const change = diffRequest({ label: "tea" }, { label: "coffee" });
  const diff = await engine.call(rpc.diff, change.setIgnorechangesList(["label"]));
  expect(diff.getChanges()).toBe(messages.DiffResponse.DiffChanges.DIFF_NONE);
});

it("reads what is there, and an empty id where it is gone", async () => {
  await create({ label: "tea" });
  const there = await engine.call(rpc.read, readRequest("cup-1"));
  expect(there.getInputs()?.toJavaScript()).toEqual({ size: "small", label: "tea" });
  await engine.call(rpc.delete, new messages.DeleteRequest().setUrn(urn).setId("cup-1"));
  const gone = await engine.call(rpc.read, readRequest("cup-1"));
  expect(gone.getId()).toBe("");
});

it("updates for real and not in a preview", async () => {
  await create({ label: "tea" });
  const change = () =>
    new messages.UpdateRequest()
      .setUrn(urn)
      .setId("cup-1")
      .setNews(wire({ label: "coffee" }));
  await engine.call(rpc.update, change().setPreview(true));
  expect(await label()).toBe("tea");
  await engine.call(rpc.update, change());
  expect(await label()).toBe("coffee");
});

it("keeps the configurations of two engine runs apart", async () => {
  const other = await connect("bob");
  expect((await create({})).getProperties()?.toJavaScript().owner).toBe("ann");
  const created = await other.call(rpc.create, createRequest({}, false));
  expect(created.getProperties()?.toJavaScript().owner).toBe("bob");
  other.close();
});

it("is an error for an unknown type, an unknown function and a connection that was never configured", async () => {
  const strange = createRequest({}, false).setUrn(urn.replace("Cup", "Plate"));
  await expect(engine.call(rpc.create, strange)).rejects.toThrow("unknown type cupboard:index:Plate");
  await expect(engine.call(rpc.invoke, new messages.InvokeRequest().setTok("a:b:c"))).rejects.toThrow(
    "unknown function a:b:c",
  );
  const stranger = new Engine(provider.port);
  await expect(stranger.call(rpc.create, createRequest({}, false))).rejects.toThrow("not configured");
  stranger.close();
});

it("tells the engine of a resource that was made but not finished", async () => {
  const failure: unknown = await engine
    .call(rpc.create, createRequest({ label: "cracked" }, false))
    .catch((error) => error);
  const { details, metadata } = z
    .object({ details: z.string(), metadata: z.instanceof(Metadata) })
    .parse(failure);
  expect(details).toBe("it leaks");
  const [packed] = metadata.get("grpc-status-details-bin");
  const [detail] = statuses.Status.deserializeBinary(Buffer.from(packed ?? "")).getDetailsList();
  const state = detail?.unpack(
    messages.ErrorResourceInitFailed.deserializeBinary,
    "pulumirpc.ErrorResourceInitFailed",
  );
  expect(state?.getId()).toBe("cup-x");
  expect(state?.getProperties()?.toJavaScript()).toEqual({ label: "cracked", serial: secret("0815") });
});

it("ends a call under way when the engine cancels", async () => {
  const stuck = engine.call(rpc.delete, new messages.DeleteRequest().setUrn(urn).setId("cup-stuck"));
  const ended = expect(stuck).rejects.toThrow("cancelled by the engine");
  await deleting.promise;
  await engine.call(rpc.cancel, new empty.Empty());
  await ended;
});

type Inputs = Readonly<Record<string, struct.JavaScriptValue>>;

/** What an engine run has of a provider: one connection. */
class Engine {
  readonly #client: Client;

  constructor(port: number) {
    // As in the engine, where each client has a connection of its own.
    const own = { "grpc.use_local_subchannel_pool": 1 };
    this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), own);
  }

  call<Q, S>(method: MethodDefinition<Q, S>, request: Q): Promise<S> {
    const { path, requestSerialize, responseDeserialize } = method;
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, answer) => {
        if (answer === undefined) reject(error);
        else resolve(answer);
      });
    });
  }

  close(): void {
    this.#client.close();
  }
}

async function connect(owner: string): Promise<Engine> {
  const connected = new Engine(provider.port);
  await connected.call(
    rpc.configure,
    new messages.ConfigureRequest().setArgs(wire({ owner: secret(owner) })),
  );
  return connected;
}

function wire(values: Inputs): struct.Struct {
  return struct.Struct.fromJavaScript(values);
}

function checkRequest(news: Inputs) {
  return new messages.CheckRequest().setUrn(urn).setNews(wire(news));
}

function createRequest(inputs: Inputs, preview: boolean) {
  return new messages.CreateRequest().setUrn(urn).setPreview(preview).setProperties(wire(inputs));
}

function diffRequest(olds: Inputs, news: Inputs) {
  return new messages.DiffRequest().setUrn(urn).setId("cup-1").setOlds(wire(olds)).setNews(wire(news));
}

function readRequest(id: string, inputs: Inputs = {}) {
  return new messages.ReadRequest().setUrn(urn).setId(id).setInputs(wire(inputs));
}

async function create(inputs: Inputs, preview = false) {
  const checked = await engine.call(rpc.check, checkRequest(inputs));
  const message = new messages.CreateRequest().setUrn(urn).setPreview(preview);
  return engine.call(rpc.create, message.setProperties(checked.getInputs()));
}

async function count() {
  const answer = await engine.call(rpc.invoke, new messages.InvokeRequest().setTok("cupboard:index:count"));
  return answer.getReturn()?.toJavaScript().count;
}

async function label() {
  const read = await engine.call(rpc.read, readRequest("cup-1"));
  return read.getProperties()?.toJavaScript().label;
}
