// A double's error as the engine takes it over gRPC.
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import statuses from "@pulumi/pulumi/proto/status_pb.js";
import any from "google-protobuf/google/protobuf/any_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";

/** A half-made resource as it goes over the wire, its secrets already wrapped. */
export class Unfinished extends Error {
  readonly id: string;
  readonly properties: Struct;

  constructor(made: { readonly id: string; readonly properties: Struct }, cause: Error) {
    super(cause.message, { cause });
    this.id = made.id;
    this.properties = made.properties;
  }
}

/** The text, and for a half-made resource its state in the status details, where the engine looks for it. */
export function failureOf(error: unknown): Partial<ServiceError> {
  const details = error instanceof Error ? error.message : String(error);
  const failure = { code: status.UNKNOWN, details };
  return error instanceof Unfinished ? { ...failure, metadata: metadataOf(error) } : failure;
}

function metadataOf({ id, properties, message }: Unfinished): Metadata {
  const partial = new messages.ErrorResourceInitFailed()
    .setId(id)
    .setProperties(properties)
    .setReasonsList([message]);
  const detail = new any.Any();
  detail.pack(partial.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const told = new statuses.Status().setCode(status.UNKNOWN).setMessage(message).setDetailsList([detail]);
  const metadata = new Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(told.serializeBinary()));
  return metadata;
}
