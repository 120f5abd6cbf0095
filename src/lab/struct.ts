// Pulumi's property maps on the wire: a protobuf Struct with signed envelopes for secrets and outputs.
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { type Properties, unknown } from "../substrates/double.ts";

// The engine's constants: pulumi, sdk/go/common/resource/sig/sig.go and …/plugin/rpc.go.
const signature = "4dabf18193072939515e22adb298388d";
const secretKind = "1b47061264138c4ac30d75fd1eb44270";
const outputKind = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const unknowns: ReadonlySet<unknown> = new Set([
  unknown,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** A property map without envelopes, and where secrets were. */
export type Decoded = {
  readonly values: Properties;
  /** Dotted paths; a secret within a list makes the whole list secret, because providers reorder lists. */
  readonly secrets: ReadonlySet<string>;
};

/** Takes the envelopes off. Absent is empty. Throws for assets, archives and resource references. */
export function decode(wire: struct.Struct | undefined): Decoded {
  const secrets = new Set<string>();
  const values = wire === undefined ? {} : decodeObject(wire.toJavaScript(), [], secrets);
  return { values, secrets };
}

/** Puts values on the wire; those at the given dotted paths as secrets. Keys without a value are left out. */
export function encode(values: Properties, secrets: ReadonlySet<string> = new Set()): struct.Struct {
  const fields = Object.entries(values).flatMap(([key, value]): [string, struct.JavaScriptValue][] =>
    value === undefined ? [] : [[key, encodeValue(value, [key], secrets)]],
  );
  return struct.Struct.fromJavaScript(Object.fromEntries(fields));
}

type Path = readonly string[];

function decodeObject(fields: Properties, path: Path, secrets: Set<string>): Properties {
  const decoded = Object.entries(fields).map(([key, value]) => [
    key,
    decodeValue(value, [...path, key], secrets),
  ]);
  return Object.fromEntries(decoded);
}

function decodeValue(value: unknown, path: Path, secrets: Set<string>): unknown {
  if (unknowns.has(value)) return unknown;
  if (Array.isArray(value)) return decodeList(value, path, secrets);
  if (!isObject(value)) return value;
  return signature in value ? decodeEnvelope(value, path, secrets) : decodeObject(value, path, secrets);
}

function decodeList(list: readonly unknown[], path: Path, secrets: Set<string>): unknown[] {
  const within = new Set<string>();
  const decoded = list.map((item) => decodeValue(item, ["item"], within));
  if (within.size > 0) secrets.add(path.join("."));
  return decoded;
}

function decodeEnvelope(envelope: Properties, path: Path, secrets: Set<string>): unknown {
  const kind = envelope[signature];
  if (kind === secretKind || envelope.secret === true) secrets.add(path.join("."));
  if (kind === outputKind && envelope.value === undefined) return unknown;
  if (kind === secretKind || kind === outputKind) return decodeValue(envelope.value, path, secrets);
  throw new Error(`${path.join(".")}: assets, archives and resource references are not known to the lab`);
}

function encodeValue(value: unknown, path: Path, secrets: ReadonlySet<string>): struct.JavaScriptValue {
  const plain = encodePlain(value, path, secrets);
  return secrets.has(path.join(".")) ? { [signature]: secretKind, value: plain } : plain;
}

function encodePlain(value: unknown, path: Path, secrets: ReadonlySet<string>): struct.JavaScriptValue {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map((item) => encodePlain(item, [], new Set()));
  if (!isObject(value)) throw new Error(`${path.join(".")}: no property value: ${typeof value}`);
  const fields = Object.entries(value).flatMap(([key, item]): [string, struct.JavaScriptValue][] =>
    item === undefined ? [] : [[key, encodeValue(item, [...path, key], secrets)]],
  );
  return Object.fromEntries(fields);
}

function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
