// The hostile input campaign: what outsiders write must neither break what reads it, nor pass, nor be repeated.
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import fc from "fast-check";
import { type Outcome, pass, say } from "../../src/check/outcome.ts";
import { Unreadable } from "../../src/check/unreadable.ts";
import { readEvents } from "../../src/engine/changes.ts";
import { parseCheckpoint } from "../../src/engine/checkpoint.ts";
import { lockIn } from "../../src/engine/lock.ts";
import { duration } from "../../src/environment/duration.ts";
import { name } from "../../src/environment/name.ts";
import { Problem } from "../../src/environment/problem.ts";
import { runId } from "../../src/environment/run.ts";
import { judgeDocument } from "../../src/gate/document.ts";
import { parseBytes } from "../../src/manifest/read.ts";
import { manifestSchema } from "../../src/manifest/schema.ts";
import { decodeFrames } from "../../src/probes/frames.ts";
import { judgeAddresses } from "../../src/probes/readers/address.ts";
import { readNeighbour, readStranger } from "../../src/probes/readers/arping.ts";
import { judgeCloudInit } from "../../src/probes/readers/cloudinit.ts";
import { readForwarding } from "../../src/probes/readers/forwarding.ts";
import { judgeHostname } from "../../src/probes/readers/hostname.ts";
import { readInstance, readUserData } from "../../src/probes/readers/identity.ts";
import { readMetadata } from "../../src/probes/readers/metadata.ts";
import { readPing } from "../../src/probes/readers/ping.ts";
import { readSeed } from "../../src/probes/readers/seed.ts";
import { readTcp } from "../../src/probes/readers/tcp.ts";
import { datagram, readDatagram } from "../../src/probes/readers/udp.ts";
import type { Probe, Reading } from "../../src/probes/transport.ts";
import { loadSubstrates } from "../../src/substrates/index.ts";
import { cloudSecrets, trackedConfig } from "../support/cloud.ts";
import { edited, editedText, junk, text } from "./edits.ts";

/** How often to try, and what the random numbers begin with. */
export type Trial = { readonly cases: number; readonly seed: number };

/** One reader of what comes from outside. `attempt` gives what it did wrong, with the smallest input that shows it. */
export type Hostility = {
  readonly name: string;
  readonly attempt: (trial: Trial) => Promise<string | undefined>;
};

/** Something that must hold for every value. */
export function hostility<T>(
  about: string,
  values: fc.Arbitrary<T>,
  hold: (value: T) => void | Promise<void>,
): Hostility {
  return {
    name: about,
    attempt: async ({ cases, seed }) => {
      const property = fc.asyncProperty(values, async (value) => await hold(value));
      const found = await fc.check(property, { numRuns: cases, seed });
      return found.failed ? fc.defaultReportMessage(found) : undefined;
    },
  };
}

/** What a person may be told: one line, and nothing that a terminal would obey. */
function expectTold(message: string): void {
  if (/[\p{Cc}\p{Cf}]/u.test(message)) throw new Error(`not one line of text: ${JSON.stringify(message)}`);
}

/** Runs a reader that may refuse in its own way only; none where it has refused. */
function tolerate<T>(read: () => T, refusal: typeof Problem | typeof Unreadable): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof refusal)) throw error;
    if (error instanceof Problem) expectTold(error.message);
    return undefined;
  }
}

const fixture = (path: string) => readFileSync(new URL(`../fixtures/${path}`, import.meta.url), "utf8");

const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
const isManifest = ajv.compile(manifestSchema());

function readManifest(bytes: Uint8Array): void {
  const document = tolerate(() => parseBytes(bytes, "manifest"), Problem);
  if (document === undefined) return;
  const { manifest } = document;
  if (!isManifest(JSON.parse(new TextDecoder().decode(bytes)))) throw new Error("accepted beyond its schema");
  const refusals = judgeDocument({ ...document, source: "it" }, { now: new Date() });
  if (manifest.status !== "pass" && refusals.length === 0) throw new Error("let in without a pass");
}

const everything: unknown = JSON.parse(fixture("manifests/good/everything.json"));

const manifests = [
  hostility("manifest: any bytes", fc.uint8Array({ maxLength: 2_000 }), readManifest),
  hostility("manifest: a good one, one value changed", edited(everything), (value) =>
    readManifest(Buffer.from(JSON.stringify(value) ?? "")),
  ),
  hostility(
    "manifest: a good one, its text changed",
    editedText(fixture("manifests/good/everything.json")),
    (changed) => readManifest(Buffer.from(changed)),
  ),
];

const words = [
  hostility("duration", text, (word) => {
    const { data } = duration.safeParse(word);
    if (data !== undefined && !(Number.isSafeInteger(data) && data > 0)) throw new Error(`${data} ms`);
  }),
  hostility("run ID", text, (word) => {
    if (runId.safeParse(word).success && !/^[a-z0-9-]{3,32}$/.test(word)) throw new Error("accepted");
  }),
  hostility("logical name", text, (word) => {
    if (name.safeParse(word).success) expectTold(word);
  }),
  hostility(
    "words of the engine about a lock",
    text,
    (said) => void lockIn(`the stack is locked: created by ${said}`),
  ),
];

/** Each substrate's stack config with one value changed, held to tell no secret. */
async function configs(): Promise<readonly Hostility[]> {
  const canary = "canary-3f9c1b";
  const substrates = await loadSubstrates();
  return substrates.map(({ name: own, open }) => {
    const good = { ...trackedConfig(own), ...cloudSecrets(own), [`${own}:token`]: canary };
    return hostility(`stack config of ${own}, one value changed`, edited(good), (value) => {
      const raw = value !== null && typeof value === "object" && !Array.isArray(value) ? { ...value } : {};
      try {
        open(raw, "the file");
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        expectTold(error.message);
        if (error.message.includes(canary)) throw new Error("a secret is told");
      }
    });
  });
}

const guest = name.parse("client1");
const canary = "zq7canary7qz";

/** A guest that answers with whatever it likes. */
const readings: fc.Arbitrary<Reading> = fc.record({
  exit: fc.oneof(fc.constantFrom(0, 1, 2, 7, 28, 124, 127), fc.nat(255)),
  stdout: fc.tuple(text, text).map(([before, after]) => `${before}${canary}${after}`),
  stderr: text,
  truncated: fc.boolean(),
});

const question = datagram("udp", { address: "192.0.2.1", port: 51_820 });
const right = pass(say`it is as declared`);
const judged = (isRight: boolean): Outcome | undefined => (isRight ? right : undefined);

/** What each reader makes of an answer in which a word stands that nobody has asked for. */
const readers: Readonly<Record<string, (reading: Reading) => Outcome | undefined>> = {
  addresses: (reading) => judgeAddresses(reading, guest, { addresses: ["192.0.2.1/24"], mtu: 1_500 }),
  "cloud-init": (reading) => judgeCloudInit(reading, guest, "nocloud"),
  datagram: (reading) => judged(readDatagram(question, reading).port === "open"),
  forwarding: (reading) => judged(readForwarding(reading)),
  hostname: (reading) => judgeHostname(reading, guest, "client1"),
  "instance-id": (reading) => judged(readInstance(reading) === "i-1"),
  metadata: (reading) => judged(readMetadata(reading).body === "i-1"),
  "seed medium": (reading) => judged(readSeed(reading) !== "broken"),
  "user data": (reading) => judged(readUserData(reading) === "0".repeat(64)),
};

/** Readers that go by exit codes: whatever the text, they say yes or no and never break. */
const verdicts: Readonly<Record<string, (reading: Reading) => unknown>> = {
  neighbour: readNeighbour,
  ping: readPing,
  stranger: readStranger,
  tcp: readTcp,
};

const guests = [
  ...Object.entries(readers).map(([about, read]) =>
    hostility(`guest's answer: ${about}`, readings, (reading) => {
      const outcome = tolerate(() => read(reading), Unreadable);
      if (outcome?.result === "pass") throw new Error("passed by an answer that nobody could have asked for");
      if (outcome?.summary.includes(canary)) throw new Error("repeated in evidence");
    }),
  ),
  ...Object.entries(verdicts).map(([about, read]) =>
    hostility(
      `guest's answer: ${about}`,
      readings,
      (reading) => void tolerate(() => read(reading), Unreadable),
    ),
  ),
];

const nonce = "0123456789abcdef";
const probes: readonly Probe[] = [{ id: "a", argv: ["echo", "hello"], timeout: 1 }];
const frames = ["", "begin", "a r0", "a oaGVsbG8K", "a e", "a .", "end", ""]
  .map((line) => (line === "" ? "" : `${nonce} ${line}`))
  .join("\n");

function decode(output: string): void {
  const decoded = tolerate(() => decodeFrames(output, probes, nonce), Unreadable);
  if (decoded !== undefined && decoded.get("a") === undefined) throw new Error("a probe without an answer");
}

const transports = [
  hostility("batch of probes: any output", text, decode),
  hostility("batch of probes: a good output, changed", editedText(frames), decode),
];

const drifting = fixture("events/preview-of-three-drifts.jsonl")
  .split("\n")
  .filter((line) => line !== "")
  .map((line): unknown => JSON.parse(line));

const engine = [
  hostility("engine events: one changed", edited(drifting), (events) => {
    if (!Array.isArray(events)) return;
    // What is not understood is the run's error, which its operation tells as such.
    try {
      readEvents(events);
    } catch (error) {
      if (error instanceof RangeError) throw error;
    }
  }),
  hostility(
    "engine events: some lost",
    fc.array(fc.boolean(), { minLength: drifting.length, maxLength: drifting.length }),
    (kept) => {
      const events = drifting.filter((_event, index) => kept[index]);
      let told: ReturnType<typeof readEvents>;
      try {
        told = readEvents(events);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        return;
      }
      if (told.complete && told.changes.length === 0) throw new Error("drift that nobody is told of");
    },
  ),
  hostility("checkpoint: any text", text, (said) => void tolerate(() => parseCheckpoint(said), Unreadable)),
  hostility("checkpoint: any JSON", junk, (value) => {
    const deployment = { deployment: { resources: [value] } };
    tolerate(() => parseCheckpoint(JSON.stringify(deployment)), Unreadable);
  }),
];

/** Everything but whole looks, which `looks.ts` has. */
export async function hostilities(): Promise<readonly Hostility[]> {
  return [...manifests, ...words, ...(await configs()), ...guests, ...transports, ...engine];
}
