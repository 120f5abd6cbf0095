// Sends recorded requests to a far end and collects where its answers differ from the recorded ones.
import { z } from "zod";
import type { FarEnd, Form } from "./farend.ts";
import { lacks, type Recorded } from "./transcript.ts";

/** Where our answer is another one for a reason; the reason is in front. */
const known: readonly (readonly [reason: string, line: RegExp])[] = [
  [
    "a migration's work is done when its task begins",
    /^#114 GET .cluster.resources: data\[vmid=9102\].node: /,
  ],
  ["a running VM keeps its CPUs until its next cold start", /^#14\d\d .*current: data.cpus: 4 instead of 2$/],
  ["and its memory", /^#(14|36)\d\d .*current: data.maxmem: \d+ instead of \d+$/],
  ["nothing repairs the ports of step 34, so it is left out", /bridge_ports: "eno2" instead of ""$/],
  ["nor the boot order of step 43, with which no guest comes up", /data.boot: .* instead of "order=net0"$/],
  ["and of that disk the size is not shown", /maxdisk: 21474836480 instead of 0$/],
];

/** What the recorded server made up and ours made up differently. */
export class Replay {
  readonly #far: FarEnd;
  /** Ours by theirs: task ids and MAC addresses. */
  readonly #ours = new Map<string, string>();
  readonly differences: string[] = [];

  constructor(far: FarEnd) {
    this.#far = far;
  }

  /** Sends one after the other. */
  async send(requests: readonly Recorded[]): Promise<void> {
    for (const one of requests) await this.#sendOne(one);
  }

  async #sendOne(one: Recorded): Promise<void> {
    if (isPoll(one)) return;
    const { method, path } = one;
    this.#far.pass(timeBefore(one));
    const form = one.requestBody === null ? undefined : this.#translated(one.requestBody);
    const ours = await this.#far.send(method, path, { query: one.query, form });
    const where = `#${one.n} ${method} ${path}`;
    if (ours.status !== one.status)
      this.differences.push(`${where}: ${ours.status} ${ours.reason}, not ${one.status}`);
    else if (ours.status !== 200) this.#compareReason(where, ours.reason, one.statusMessage);
    else this.#compare(where, one.responseBody.data, ours.data);
  }

  #compareReason(where: string, ours: string, theirs: string | undefined): void {
    if (ours !== theirs) this.differences.push(`${where}: ${ours}, not ${theirs}`);
  }

  /** A task has to end as the recorded one: all that went on did. */
  #compare(where: string, theirs: unknown, ours: unknown): void {
    if (typeof theirs === "string" && theirs.startsWith("UPID:")) {
      const exit = this.#far.cluster.tasks.get(String(ours))?.exitstatus;
      if (exit !== "OK") this.differences.push(`${where}: the task ended with ${exit}`);
      this.#far.pass(100);
      return;
    }
    this.#learn(theirs, ours);
    const lines = lacks(this.#translatedValue(withoutInventions(theirs)), ours).map(
      (line) => `${where}: ${line}`,
    );
    this.differences.push(...lines.filter(isNew));
  }

  /** A MAC address that the recorded server had made up stands for the one in the same place here. */
  #learn(theirs: unknown, ours: unknown): void {
    const [wanted, given] = [theirs, ours].map((data) => nicsIn(JSON.stringify(data)));
    for (const [key, mac] of wanted ?? []) {
      const mine = given?.get(key);
      if (mine !== undefined) this.#ours.set(mac, mine);
    }
  }

  #translated(form: Form): Form {
    return Object.fromEntries(Object.entries(form).map(([key, text]) => [key, this.#replaced(text)]));
  }

  #translatedValue(data: unknown): unknown {
    return data === undefined ? undefined : JSON.parse(this.#replaced(JSON.stringify(data)));
  }

  #replaced(text: string): string {
    return text.replaceAll(/([0-9A-F]{2}:){5}[0-9A-F]{2}/gi, (mac) => {
      const mine = this.#ours.get(mac.toUpperCase()) ?? mac;
      return mac === mac.toUpperCase() ? mine : mine.toLowerCase();
    });
  }
}

const agentAnswer = z.object({
  result: z.array(
    z.looseObject({ name: z.string(), "ip-addresses": z.array(z.looseObject({ prefix: z.number() })) }),
  ),
});

/** The recorded server gave every guest one lease and the same link-local addresses; here nobody hands out leases. */
function withoutInventions(theirs: unknown): unknown {
  const { data } = agentAnswer.safeParse(theirs);
  if (data === undefined) return theirs;
  const own = data.result.filter(({ name }) => !name.startsWith("ens"));
  return {
    result: own.map(({ statistics: _, ...one }) => ({
      ...one,
      "ip-addresses": one["ip-addresses"].filter(({ prefix }) => prefix !== 64),
    })),
  };
}

function isNew(line: string): boolean {
  return known.every(([, pattern]) => !pattern.test(line));
}

/** Tasks are over when their request was answered; that is compared there. */
function isPoll({ path }: Recorded): boolean {
  return path.includes("/tasks/");
}

/** A guest that did answer had had the time to boot; what it answers is another test's business. */
function timeBefore({ path, status }: Recorded): number {
  return path.includes("/agent/") && status === 200 ? 1000 : 0;
}

function nicsIn(json: string): Map<string, string> {
  const found = json.matchAll(/"(net\d+)":"virtio=((?:[0-9A-F]{2}:){5}[0-9A-F]{2})/g);
  return new Map([...found].map(([, key = "", mac = ""]) => [key, mac]));
}
