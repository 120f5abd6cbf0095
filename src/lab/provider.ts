// Serves a provider double to the real engine as a Pulumi resource provider over gRPC on loopback.
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import service from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { typeOf } from "../engine/urn.ts";
import type { ProviderDouble } from "../substrates/double.ts";
import * as calls from "./calls.ts";
import { failureOf } from "./failure.ts";
import { Sessions } from "./sessions.ts";
import { decode } from "./struct.ts";

/** A provider that engines can attach to: `PULUMI_DEBUG_PROVIDERS=<plugin>:<port>`. Disposing of it ends all calls under way. */
export type RunningProvider = AsyncDisposable & { readonly plugin: string; readonly port: number };

/**
 * Serves any number of engine runs at once.
 *
 * The engine opens one connection for each provider resource of each run and calls Configure on it before any
 * resource call (pulumi, sdk/go/common/resource/plugin/provider_plugin.go), so a session belongs to a connection: to
 * the address that its calls come from.
 */
export async function serveProvider(double: ProviderDouble): Promise<RunningProvider> {
  const sessions = new Sessions(double);
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(service.ResourceProviderService, {
    ...handshakeMethods(double),
    ...sessionMethods(sessions),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    plugin: double.plugin,
    port,
    async [Symbol.asyncDispose]() {
      sessions.abort();
      server.forceShutdown();
    },
  };
}

// Resource references come as ids, outputs without dependencies: the doubles need neither.
function handshakeMethods(double: ProviderDouble) {
  return {
    handshake: unary((_request: messages.ProviderHandshakeRequest) =>
      new messages.ProviderHandshakeResponse().setAcceptSecrets(true),
    ),
    attach: unary((_request: plugin.PluginAttach) => new empty.Empty()),
    getPluginInfo: unary((_request: empty.Empty) => new plugin.PluginInfo().setVersion(double.version)),
    checkConfig: unary(calls.checkConfig),
    diffConfig: unary(calls.diffConfig),
  };
}

function sessionMethods(sessions: Sessions) {
  return {
    configure: unary((request: messages.ConfigureRequest, peer) => {
      sessions.configure(peer, decode(request.getArgs()).values);
      return new messages.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
    }),
    cancel: unary((_request: empty.Empty, peer) => {
      sessions.abort(peer);
      return new empty.Empty();
    }),
    check: resourceCall(sessions, calls.check),
    diff: resourceCall(sessions, calls.diff),
    create: resourceCall(sessions, calls.create),
    read: resourceCall(sessions, calls.read),
    update: resourceCall(sessions, calls.update),
    delete: resourceCall(sessions, calls.remove),
    invoke: unary((request: messages.InvokeRequest, peer, hungUp) =>
      sessions.run(peer, hungUp, (session, signal) => calls.invoke(session, request, signal)),
    ),
  };
}

function resourceCall<Q extends { getUrn(): string }, S>(sessions: Sessions, call: calls.ResourceCall<Q, S>) {
  return unary((request: Q, peer, hungUp) =>
    sessions.run(peer, hungUp, async (session, signal) =>
      call(session.resource(typeOf(request.getUrn())), request, signal),
    ),
  );
}

function unary<Q, S>(answer: (request: Q, peer: string, hungUp: AbortSignal) => S | Promise<S>) {
  return async (call: ServerUnaryCall<Q, S>, callback: sendUnaryData<S>) => {
    const hungUp = new AbortController();
    call.on("cancelled", () => hungUp.abort(new Error("the engine hung up")));
    try {
      callback(null, await answer(call.request, call.getPeer(), hungUp.signal));
    } catch (error) {
      callback(failureOf(error));
    }
  };
}
