// What a cloud's metadata service answers inside an endpoint.
import { Unreadable } from "../../check/unreadable.ts";
import type { Probe, Reading } from "../transport.ts";
import { whole } from "../whole.ts";

/** A request to http://169.254.169.254; no proxy may stand between. */
export type MetadataQuestion = {
  readonly method: "GET" | "PUT";
  readonly path: string;
  readonly headers: readonly string[];
};

/** Asks, and has the status code printed on a line of its own after the body. */
export function metadataProbe(id: string, { method, path, headers }: MetadataQuestion): Probe {
  const marks = headers.flatMap((header) => ["-H", header]);
  const always = ["-s", "-m", "5", "--noproxy", "*", "-w", "\\n%{http_code}"];
  return {
    id,
    argv: ["curl", ...always, "-X", method, ...marks, `http://169.254.169.254${path}`],
    timeout: 8,
  };
}

/** `status`: none where nobody answered at all (curl(1), EXIT CODES: 7 refused, 28 timed out). Throws `Unreadable`. */
export function readMetadata(reading: Reading | undefined): {
  readonly status?: number;
  readonly body: string;
} {
  const { exit, stdout } = whole(reading, "the metadata service");
  if (exit === 7 || exit === 28) return { body: "" };
  const [, body = "", status] = /^([\s\S]*)\n(\d{3})$/.exec(stdout) ?? [];
  if (exit !== 0 || status === undefined) throw new Unreadable("unparsable", "the metadata service");
  return { status: Number(status), body };
}
