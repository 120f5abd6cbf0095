// What the driver prints, read strictly: every probe answered once and whole, or nothing counts.
import { Unreadable } from "../check/unreadable.ts";
import { outputBound } from "./driver.ts";
import type { Probe, Reading } from "./transport.ts";

/** Bytes that no honest batch comes near, however many probes it has: of a flow's probe they are some hundreds. */
const most = 16 * 1_048_576;

/** Bytes that so many probes may print: two bounded outputs each in lines of base64, and rc-file noise. */
export function mostOutput(probes: number): number {
  return Math.min(most, 65_536 + probes * outputBound * 8);
}

/**
 * Decodes the driver's output. What stands before its first line (rc files, banners) is passed over.
 * @throws Unreadable `truncated` where the end or a probe's end is missing, `unparsable` for everything else
 */
export function decodeFrames(
  text: string,
  probes: readonly Probe[],
  nonce: string,
): ReadonlyMap<string, Reading> {
  const parts = new Map<string, string[]>(probes.map(({ id }) => [id, []]));
  const mark = `${nonce} `;
  for (const line of ownLines(text, nonce)) {
    const space = line.indexOf(" ", mark.length);
    const known = space === -1 ? undefined : parts.get(line.slice(mark.length, space));
    if (!line.startsWith(mark) || known === undefined || line.includes(" ", space + 1))
      throw malformed("a line");
    known.push(line.slice(space + 1));
  }
  return new Map([...parts].map(([id, own]) => [id, readingOf(id, own)]));
}

/** The lines between begin and end. */
function ownLines(text: string, nonce: string): readonly string[] {
  const lines = text.split("\n");
  const missing = lines.find((line) => line.startsWith(`${nonce} lacks `));
  if (missing !== undefined)
    throw new Unreadable("unparsable", `the endpoint ${missing.slice(nonce.length + 1)}`);
  const begin = lines.indexOf(`${nonce} begin`);
  if (begin === -1) throw new Unreadable("truncated", "the driver did not begin");
  const end = lines.indexOf(`${nonce} end`, begin);
  if (end === -1 || end === lines.length - 1) throw new Unreadable("truncated", "the driver did not end");
  if (lines.slice(end + 1).some((line) => line !== "")) throw malformed("text after the end");
  return lines.slice(begin + 1, end);
}

/** The parts of one probe: one exit code, chunks of stdout, chunks of stderr, a full stop. */
function readingOf(id: string, parts: readonly string[]): Reading {
  const order = parts.map((part) => part.charAt(0)).join("");
  if (!order.endsWith(".")) throw new Unreadable("truncated", `${id} has no complete frame`);
  const exit = parts[0]?.slice(1) ?? "";
  if (!/^ro+e+\.$/.test(order) || !/^[0-9]{1,3}$/.test(exit)) throw malformed(`the frame of ${id}`);
  const stdout = bytesOf(parts, "o");
  const stderr = bytesOf(parts, "e");
  return {
    exit: Number(exit),
    stdout: stdout.subarray(0, outputBound).toString(),
    stderr: stderr.subarray(0, outputBound).toString(),
    truncated: stdout.length > outputBound || stderr.length > outputBound,
  };
}

function bytesOf(parts: readonly string[], stream: "o" | "e"): Buffer {
  const chunks = parts.filter((part) => part.startsWith(stream)).map((part) => part.slice(1));
  const base64 = chunks.join("");
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64))
    throw malformed("base64");
  return Buffer.from(base64, "base64");
}

function malformed(what: string): Unreadable {
  return new Unreadable("unparsable", `${what} is not of the driver's form`);
}
