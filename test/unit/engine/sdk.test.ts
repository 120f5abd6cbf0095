import { fileURLToPath } from "node:url";
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import log from "@pulumi/pulumi/log/index.js";
import service from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import settings from "@pulumi/pulumi/runtime/settings.js";
import { execa } from "execa";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { expect, it, onTestFinished } from "vitest";
import { loadSdk } from "../../../src/engine/sdk.ts";

it("tells the engine everything but what only somebody who debugs it would read", async () => {
  const heard = await listen();
  loadSdk();
  await log.debug("RegisterResource RPC finished");
  await log.warn("a name is deprecated");
  expect(heard).toEqual(["a name is deprecated"]);
});

it("loads neither a package manager nor a compiler, and leaves them to whoever asks for them later", async () => {
  const sdk = fileURLToPath(new URL("../../../src/engine/sdk.ts", import.meta.url));
  const program = `
    const { loadSdk } = await import(${JSON.stringify(sdk)});
    const { createRequire } = await import("node:module");
    const require = createRequire(${JSON.stringify(sdk)});
    loadSdk();
    const heavy = Object.keys(require.cache).filter((file) => /arborist|typescript.lib/.test(file));
    console.log(heavy.length, typeof require("typescript").createProgram);`;
  const { stdout } = await execa(process.execPath, ["--input-type=module", "-e", program]);
  expect(stdout).toBe("0 function");
});

/** An engine that listens to the SDK in this process. */
async function listen(): Promise<readonly string[]> {
  const heard: string[] = [];
  const server = new Server();
  server.addService(service.EngineService, {
    log: (call: ServerUnaryCall<{ getMessage(): string }, unknown>, done: sendUnaryData<unknown>) => {
      heard.push(call.request.getMessage());
      done(null, new empty.Empty());
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  onTestFinished(async () => {
    await settings.disconnect();
    server.forceShutdown();
  });
  settings.resetOptions("project", "stack", 1, `127.0.0.1:${port}`, "", true, "organization");
  return heard;
}
