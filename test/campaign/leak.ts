// `npm run campaign -- leak`: plays every command on a lab and searches all that it leaves and shows for what must not get out.
import { writeFile } from "node:fs/promises";
import { z } from "zod";
import { interruptible } from "../../src/cli/interrupt.ts";
import { print as say } from "../../src/cli/labs.ts";
import { substrateNames } from "../../src/substrates/index.ts";
import { Bench } from "../e2e/bench.ts";
import { campaignOf, counted } from "./contract.ts";
import { forms } from "./leak/forms.ts";
import { Hunt, type Leak, type Scene } from "./leak/hunt.ts";
import { scenesFor } from "./leak/scenes.ts";

const names = z
  .string()
  .transform((text) => text.split(","))
  .refine((all) => all.every((one) => substrateNames.includes(one)), `some of ${substrateNames.join(",")}`);

const command = {
  name: "npm run campaign -- leak",
  summary: "Searches everything that commands leave and show for whatever must not get out.",
  flags: {
    providers: {
      kind: "value",
      shown: "<names>",
      parse: names,
      default: substrateNames.join(","),
      help: "where",
    },
    drifts: counted("4", "play every nth prepared drift"),
    only: {
      kind: "value",
      shown: "<pattern>",
      parse: z.string().transform((text) => new RegExp(text)),
      default: "",
      help: "play what makes the lab, and scenes whose names match",
    },
    json: { kind: "boolean", help: "print the figures as JSON on standard output, and nothing else there" },
    findings: {
      kind: "value",
      shown: "<file>",
      parse: z.string().min(1),
      help: "where to write what leaked where",
    },
  },
} as const;

export const campaign = campaignOf(command, async (asked) => {
  using interrupt = interruptible({
    deadline: 6 * 3_600_000,
    cost: "the lab and what runs in it may be left; `npm run lab -- down` ends a lab",
    tell: progress,
  });
  await using bench = await Bench.start({ provision: false, signal: interrupt.signal });
  const hunt = await Hunt.open(bench, [...new Set(["pve", ...asked.providers])]);
  const all = await scenesFor(bench, asked.providers, asked.drifts);
  const scenes = all.filter(({ name, making }) => making === true || asked.only.test(name));
  try {
    await playAll(hunt, scenes, interrupt.signal);
  } finally {
    // Whatever else a scene could not do then, it was because of this.
    interrupt.signal.throwIfAborted();
  }
  if (asked.findings !== undefined) await writeFile(asked.findings, JSON.stringify(hunt.leaks, undefined, 2));
  return conclude(hunt, scenes.length, asked.json);
});

async function playAll(hunt: Hunt, scenes: readonly Scene[], signal: AbortSignal): Promise<void> {
  for (const [index, scene] of scenes.entries()) {
    const started = performance.now();
    const leaks = await hunt.play(scene);
    signal.throwIfAborted();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    progress(`${index + 1}/${scenes.length} ${scene.name.padEnd(52)} ${seconds} s  ${leaks.length} leaks`);
    for (const line of new Set(leaks.map(lineOf))) progress(`  ${line}`);
    for (const { scene: name, why } of hunt.spoilt)
      if (name === scene.name) progress(`  not what it is called: ${why}`);
  }
}

function conclude(hunt: Hunt, scenes: number, json: boolean): number {
  const { leaks, spoilt, canaries, patterns, rows, sighted } = hunt;
  const silent = [...new Set(canaries.map(({ kind }) => kind))].filter(
    (kind) => !isKept(kind) && ![...sighted].some((canary) => canary.kind === kind),
  );
  const places = [...rows.values()].reduce((sum, row) => sum + row.places, 0);
  if (json)
    say(
      JSON.stringify({
        ...{ scenes, canaries: canaries.length, patterns, places, leaks, spoilt, silent },
        rows: Object.fromEntries(rows),
      }),
    );
  else {
    for (const [kind, { places: count, bytes, leaks: wrong, allowed }] of rows)
      say(`${kind.padEnd(20)} ${count} places  ${bytes} bytes  ${wrong} leaks  ${allowed} allowed sightings`);
    for (const { scene, why } of spoilt) say(`not what it is called: ${scene}: ${why}`);
    for (const kind of silent) say(`never seen where it may be: ${kind}`);
    say(
      `${leaks.length} leaks in ${scenes} scenes: ${places} places × ${canaries.length} canaries × ${forms.length} forms (${patterns} patterns)`,
    );
  }
  return leaks.length + spoilt.length + silent.length === 0 ? 0 : 1;
}

/** Kinds that may be nowhere; that they can be found only the control shows. */
function isKept(kind: string): boolean {
  return ["secret", "private key", "user data"].includes(kind);
}

function lineOf({ place, name, kind, what, form }: Leak): string {
  return `${place} (${name}): ${kind} of ${what}, ${form}`;
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}
