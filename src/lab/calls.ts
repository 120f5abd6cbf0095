// One engine call on one resource type, from its message to the double and back.
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { PropertyChange, ProviderSession, ResourceDouble } from "../substrates/double.ts";
import { HalfMade } from "../substrates/partial.ts";
import { Unfinished } from "./failure.ts";
import { decode, encode } from "./struct.ts";

/** Answers one request about one resource. */
export type ResourceCall<Q, S> = (
  resource: ResourceDouble,
  request: Q,
  signal: AbortSignal,
) => S | Promise<S>;

const kinds = messages.PropertyDiff.Kind;
const kindOf = {
  add: kinds.ADD,
  update: kinds.UPDATE,
  delete: kinds.DELETE,
  "add-replace": kinds.ADD_REPLACE,
  "update-replace": kinds.UPDATE_REPLACE,
  "delete-replace": kinds.DELETE_REPLACE,
} as const;

/** Provider configuration is taken as it is. */
export function checkConfig(request: messages.CheckRequest): messages.CheckResponse {
  const news = decode(request.getNews());
  return new messages.CheckResponse().setInputs(encode(news.values, news.secrets));
}

/** A change of provider configuration never replaces the provider. */
export function diffConfig(request: messages.DiffRequest): messages.DiffResponse {
  const [olds, news] = [decode(request.getOldInputs()).values, decode(request.getNews()).values];
  const keys = new Set([...Object.keys(olds), ...Object.keys(news)]);
  const changed = [...keys].filter((key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]));
  return diffResponse(changed.map((path) => ({ path, kind: "update" })));
}

/** Inputs that the double refuses are a failure of the check, which the engine shows as the user's mistake. */
export function check(resource: ResourceDouble, request: messages.CheckRequest): messages.CheckResponse {
  const news = decode(request.getNews());
  try {
    return new messages.CheckResponse().setInputs(encode(resource.check(news.values), news.secrets));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return new messages.CheckResponse().setFailuresList([new messages.CheckFailure().setReason(reason)]);
  }
}

/** Paths are told against state and inputs, as bridged providers do: `inputDiff` stays false. */
export function diff(resource: ResourceDouble, request: messages.DiffRequest): messages.DiffResponse {
  const olds = {
    id: request.getId(),
    inputs: decode(request.getOldInputs()).values,
    outputs: decode(request.getOlds()).values,
  };
  const ignored = request.getIgnorechangesList();
  const changes = resource
    .diff(olds, decode(request.getNews()).values)
    .filter(({ path }) => !ignored.some((prefix) => path === prefix || /^[.[]/.test(after(path, prefix))));
  const response = diffResponse(changes);
  return response.setDeletebeforereplace(
    resource.deleteBeforeReplace && response.getReplacesList().length > 0,
  );
}

/** A preview creates nothing and has no id yet. */
export async function create(
  resource: ResourceDouble,
  request: messages.CreateRequest,
  signal: AbortSignal,
): Promise<messages.CreateResponse> {
  const inputs = decode(request.getProperties());
  const secrets = secretsOf(resource, inputs.secrets);
  const created = request.getPreview()
    ? { id: "", outputs: resource.preview(inputs.values) }
    : await resource.create(inputs.values, signal).catch((error: unknown) => {
        if (!(error instanceof HalfMade)) throw error;
        throw new Unfinished({ id: error.state.id, properties: encode(error.state.outputs, secrets) }, error);
      });
  return new messages.CreateResponse().setId(created.id).setProperties(encode(created.outputs, secrets));
}

/** No id in the answer: the resource is gone. */
export async function read(
  resource: ResourceDouble,
  request: messages.ReadRequest,
  signal: AbortSignal,
): Promise<messages.ReadResponse> {
  const [inputs, outputs] = [decode(request.getInputs()), decode(request.getProperties())];
  const olds = { inputs: inputs.values, outputs: outputs.values };
  const found = await resource.read(request.getId(), olds, signal);
  if (found === undefined) return new messages.ReadResponse();
  return new messages.ReadResponse()
    .setId(found.id)
    .setInputs(encode(found.inputs, inputs.secrets))
    .setProperties(encode(found.outputs, secretsOf(resource, inputs.secrets, outputs.secrets)));
}

/** A preview changes nothing. */
export async function update(
  resource: ResourceDouble,
  request: messages.UpdateRequest,
  signal: AbortSignal,
): Promise<messages.UpdateResponse> {
  const [olds, news] = [decode(request.getOlds()), decode(request.getNews())];
  const outputs = request.getPreview()
    ? resource.preview(news.values, olds.values)
    : await resource.update(request.getId(), { olds: olds.values, news: news.values }, signal);
  const secrets = secretsOf(resource, news.secrets, olds.secrets);
  return new messages.UpdateResponse().setProperties(encode(outputs, secrets));
}

/** Deletes for good. */
export async function remove(
  resource: ResourceDouble,
  request: messages.DeleteRequest,
  signal: AbortSignal,
): Promise<empty.Empty> {
  await resource.delete(request.getId(), decode(request.getProperties()).values, signal);
  return new empty.Empty();
}

/** Answers a function of the provider. */
export async function invoke(
  session: ProviderSession,
  request: messages.InvokeRequest,
  signal: AbortSignal,
): Promise<messages.InvokeResponse> {
  const answer = await session.invoke(request.getTok(), decode(request.getArgs()).values, signal);
  return new messages.InvokeResponse().setReturn(encode(answer));
}

function diffResponse(changes: readonly PropertyChange[]): messages.DiffResponse {
  const changed = messages.DiffResponse.DiffChanges;
  const response = new messages.DiffResponse()
    .setChanges(changes.length > 0 ? changed.DIFF_SOME : changed.DIFF_NONE)
    .setDiffsList(rootsOf(changes))
    .setReplacesList(rootsOf(changes.filter(({ kind }) => kind.endsWith("-replace"))))
    .setHasdetaileddiff(true);
  for (const { path, kind } of changes) {
    response.getDetaileddiffMap().set(path, new messages.PropertyDiff().setKind(kindOf[kind]));
  }
  return response;
}

function after(path: string, prefix: string): string {
  return path.startsWith(prefix) ? path.slice(prefix.length) : "";
}

function rootsOf(changes: readonly PropertyChange[]): string[] {
  return [...new Set(changes.map(({ path }) => path.replace(/[.[].*$/, "")))];
}

function secretsOf(resource: ResourceDouble, ...seen: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  return new Set([...resource.secrets, ...seen.flatMap((paths) => [...paths])]);
}
