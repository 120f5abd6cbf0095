// What is played: every command with every verdict, every fault, a sample of drifts, on the substrates that are asked for.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { dump, load } from "js-yaml";
import { z } from "zod";
import type { Bench, Ran } from "../../e2e/bench.ts";
import { stack as pveStack, says, withConfig } from "../../e2e/days.ts";
import type { Scene, Stage } from "./hunt.ts";
import { planted } from "./words.ts";

/** What may come of a look that is not passed. */
const unpassed = [1, 3];

/** How loud a command may be, beside saying what it says by itself. */
const loudness = [["--verbose"], ["--quiet"], ["--json"], []] as const;

/** The scenes that make a lab, look at it and take it away again, in this order. */
export async function scenesFor(
  bench: Bench,
  substrates: readonly string[],
  everyNthDrift: number,
): Promise<readonly Scene[]> {
  const own = await Promise.all(substrates.map((one) => scenesOf(bench, one, everyNthDrift)));
  const withPve = substrates.includes("pve");
  return [
    // Flows of clouds lead to its edge, whose host key must be on record.
    making("pve"),
    ...substrates.filter((one) => one !== "pve").map(making),
    ...own.flat(),
    ...(withPve ? [...gate, ...qualifications, ...refusals, secretConfig, interruption] : []),
    inCi(substrates),
    teardown(substrates),
  ];
}

async function scenesOf(bench: Bench, substrate: string, everyNthDrift: number): Promise<readonly Scene[]> {
  const faults = await bench.listed("fault", substrate);
  const drifts = (await bench.listed("drift", substrate)).filter((_, index) => index % everyNthDrift === 0);
  return [
    scene(`${substrate} passes`, async (stage) => {
      for (const flags of loudness) await look(stage, substrate, flags, [0]);
    }),
    engineItself(substrate),
    planting(substrate),
    ...faults
      // One that only another substrate notices is played by the whole in CI.
      .filter(({ check }) => !check.startsWith("X."))
      .map(({ name }, index) => broken("fault", { name, substrate, index })),
    ...drifts.map(({ name }, index) => broken("drift", { name, substrate, index })),
    repairing(substrate, drifts[0]?.name ?? ""),
  ];
}

function scene(name: string, play: Scene["play"]): Scene {
  return { name, play };
}

/** Certifies one substrate. */
async function look(
  { bench, hear }: Stage,
  substrate: string,
  flags: readonly string[],
  exits: readonly number[],
): Promise<void> {
  const ran =
    substrate === "pve"
      ? await bench.certify(...flags)
      : await bench.certifyClouds("--providers", substrate, ...flags);
  hear(`certify ${substrate} ${flags.join(" ")}`, ran, exits);
}

function debug({ bench }: Stage): readonly string[] {
  return ["--debug-log", join(bench.folder, "debug.log")];
}

function making(substrate: string): Scene {
  const play: Scene["play"] = async (stage) => {
    const up = await stage.bench.tryPulumi("up", "--yes", "--skip-preview", "-s", `lab-${substrate}`);
    overhear(stage, `pulumi up ${substrate}`, up);
    await look(stage, substrate, ["--repair", "--verbose", ...debug(stage)], [0]);
  };
  return { name: `${substrate} is made`, making: true, play };
}

function overhear({ keep }: Stage, command: string, { stdout, stderr }: Ran): void {
  keep("Pulumi's own words", command, `${stdout}\n${stderr}`);
}

function broken(
  kind: "drift" | "fault",
  { name, substrate, index }: { readonly name: string; readonly substrate: string; readonly index: number },
): Scene {
  return scene(name, async (stage) => {
    await stage.bench.lab(kind, name);
    try {
      await look(stage, substrate, [...(loudness[index % loudness.length] ?? []), ...debug(stage)], unpassed);
    } finally {
      await stage.bench.lab("heal");
    }
  });
}

function repairing(substrate: string, drift: string): Scene {
  return scene(`${substrate} is repaired of ${drift}`, async (stage) => {
    await stage.bench.lab("drift", drift);
    await look(stage, substrate, ["--repair", "--verbose", ...debug(stage)], [0, ...unpassed]);
    await stage.bench.lab("heal");
    await look(stage, substrate, ["--repair"], [0]);
  });
}

/** Where an outsider can leave a text of theirs. */
const plantings: Readonly<Record<string, readonly string[]>> = {
  pve: ["pve/client1.description", "pve/fabric-a.comment"],
  aws: ["aws/router1.tags.Name"],
  azure: ["azure/router1.tags.Project"],
  oci: ["oci/router1.displayName"],
};

function planting(substrate: string): Scene {
  return scene(`an outsider writes to ${substrate}`, async (stage) => {
    const { bench } = stage;
    for (const place of plantings[substrate] ?? [])
      await bench.lab("drift", "set", `${place}=${JSON.stringify(planted)}`);
    try {
      await look(stage, substrate, ["--verbose", ...debug(stage)], unpassed);
      overhear(
        stage,
        "pulumi preview",
        await bench.tryPulumi("preview", "--refresh", "--diff", "-s", `lab-${substrate}`),
      );
    } finally {
      await bench.lab("heal");
    }
  });
}

function engineItself(substrate: string): Scene {
  return scene(`the engine is asked for ${substrate} by hand`, async (stage) => {
    const { bench, keep } = stage;
    overhear(stage, "pulumi preview", await bench.tryPulumi("preview", "--diff", "-s", `lab-${substrate}`));
    for (const stack of [`lab-${substrate}`, "lab-ledger"])
      keep("stack outputs", stack, await bench.pulumi("stack", "output", "--json", "-s", stack));
  });
}

const gate: readonly Scene[] = [
  scene("the gate lets in, refuses and finds expired", async (stage) => {
    const { bench, hear } = stage;
    // Whatever the scene before has left.
    await look(stage, "pve", ["--repair"], [0]);
    hear("preflight", await bench.preflight(bench.manifest), [0]);
    hear("preflight --json", await bench.preflight(bench.manifest, "--json"), [0]);
    hear("preflight --max-age 1s", await bench.preflight(bench.manifest, "--max-age", "1s"), [1]);
    hear("preflight ledger", await bench.preflight("ledger"), [0, 1]);
    hear("preflight of an expired one", await bench.preflight(await expired(bench)), [1]);
    hear("preflight of rubbish", await bench.preflight(bench.home.overlay), [1]);
    hear("status", { exit: 0, stdout: await bench.status(), stderr: "" }, [0]);
  }),
];

async function expired({ folder, manifest }: Bench): Promise<string> {
  const file = join(folder, "expired.manifest.json");
  const text = await readFile(manifest, "utf8");
  await writeFile(file, text.replaceAll(/"(issuedAt|expiresAt)": "20\d\d/g, '"$1": "2025'));
  return file;
}

/** Each class of a qualification's result, with what brings it about. */
const qualifications: readonly Scene[] = [
  qualification("passes", [], 0, []),
  qualification("says all it has in JSON", [], 0, ["--json"]),
  qualification("fails by the product", ["inside", "pve/leaf2", "routerd-stopped"], 1, []),
  qualification("fails by a guest's garbled words", ["fault", "pve-guest-garbled"], 3, []),
  qualification("fails by the API", ["fault", "pve-api-failing"], 3, []),
  qualification("is not let in", [], 4, ["--max-age", "1s"]),
  qualification("runs a command that tells all it knows", [], 3, [
    ...["--qualification-command", JSON.stringify(["sh", "-c", "env; cat $QUALIFICATION_PLAN; exit 7"])],
  ]),
];

function qualification(
  what: string,
  breaking: readonly string[],
  exit: number,
  flags: readonly string[],
): Scene {
  return scene(`a qualification ${what}`, async (stage) => {
    const { bench, hear } = stage;
    // Whatever the scene before has left.
    await look(stage, "pve", ["--repair"], [0]);
    if (breaking.length > 0) await bench.lab(...breaking);
    try {
      hear("qualify", await bench.qualify(...flags, ...debug(stage)), [exit]);
    } finally {
      await bench.lab("heal");
    }
  });
}

/** What is refused or blocked before anything is looked at, by what a person has put in a wrong place. */
const refusals: readonly Scene[] = [
  scene("secrets stand where they do not belong", async (stage) => {
    const { bench, hear } = stage;
    const secrets = await ownSecrets(bench);
    for (const [key, value] of [
      ["pve:endpoint", secrets["pve:token"]],
      ["substrate:sshKey", secrets["pve:token"]],
      ["pve:token", secrets["substrate:sshKey"]],
      ["pve:nodes", [secrets["pve:token"]]],
      ["pve:sercet", secrets["pve:token"]],
    ] as const) {
      const other = await withConfig(bench, { [key]: value });
      hear(`certify with a wrong ${key}`, await other.certify("--verbose", ...debug(stage)), [2, 1, 3]);
    }
    const file = join(bench.folder, "overlay-broken.json");
    await writeFile(file, JSON.stringify({ [pveStack]: secrets }).slice(0, -1), { mode: 0o600 });
    hear("certify with a broken overlay", await bench.with({ SUBSTRATE_OVERLAY: file }).certify(), [2, 1, 3]);
  }),
  scene("the backend is under another passphrase, and then away", async (stage) => {
    const { bench, hear } = stage;
    const strange = bench.with({ PULUMI_CONFIG_PASSPHRASE: "another" });
    hear("certify", await strange.certify("--verbose", ...debug(stage)), [2, ...unpassed]);
    const nowhere = bench.with({ PULUMI_BACKEND_URL: `file://${join(bench.folder, "nowhere")}` });
    hear("certify", await nowhere.certify("--verbose", ...debug(stage)), [2, ...unpassed]);
  }),
];

async function ownSecrets(bench: Bench): Promise<Readonly<Record<string, unknown>>> {
  return JSON.parse(await readFile(bench.home.overlay, "utf8"))[pveStack];
}

const stackConfig = z.looseObject({ config: z.record(z.string(), z.unknown()) });

/** As in a real environment: nothing from an overlay, all of it from secrets in stack config. */
const secretConfig = scene("the secrets are in stack config", async (stage) => {
  const { bench, checkout } = await stage.bench.elsewhere();
  const values = await ownSecrets(stage.bench);
  const file = join(checkout, `stacks/Pulumi.${pveStack}.yaml`);
  const tracked = stackConfig.parse(load(await readFile(file, "utf8")));
  const secret = ["pve:token", "substrate:sshKey"];
  const open = Object.entries(values).filter(([key]) => !secret.includes(key));
  const config = { ...tracked.config, ...Object.fromEntries(open) };
  await writeFile(file, dump({ ...tracked, config }));
  const own = bench.with({ SUBSTRATE_OVERLAY: "" });
  // As the README has it: on a command line everybody could read them.
  for (const key of secret)
    await execa("pulumi", ["config", "set", "--secret", "-s", pveStack, key], {
      ...{ cwd: checkout, env: own.env, input: String(values[key]) },
    });
  await look({ ...stage, bench: own }, "pve", ["--verbose", ...debug(stage)], [0, ...unpassed]);
  overhear(stage, "pulumi preview", await own.tryPulumi("preview", "-s", pveStack));
  overhear(stage, "pulumi up", await own.tryPulumi("up", "--yes", "-s", pveStack));
});

const interruption = scene("a run is interrupted", async ({ bench, hear }) => {
  const running = bench.begin(join(bench.folder, "interrupted.manifest.json"), "--verbose");
  await says(running, /pve\.perms/);
  running.kill("SIGINT");
  const { exitCode, all } = await running;
  hear("certify, interrupted", { exit: exitCode, stdout: "", stderr: String(all) }, [3]);
});

function inCi(substrates: readonly string[]): Scene {
  return scene("CI certifies it all, whole and broken", async (stage) => {
    const { folder } = stage.bench;
    const bench = stage.bench.with({ GITHUB_STEP_SUMMARY: join(folder, "step.md") });
    const flags = ["--out-dir", join(folder, "ci"), "--providers", substrates.join(","), ...debug(stage)];
    stage.hear("certify:ci", await bench.certifyInCi(...flags), [0]);
    for (const substrate of substrates) {
      const [fault] = await bench.listed("fault", substrate);
      const drifts = await bench.listed("drift", substrate);
      if (fault !== undefined && substrate !== substrates[0]) await bench.lab("fault", fault.name);
      await bench.lab("drift", drifts.at(-1)?.name ?? "");
    }
    if (substrates.includes("pve")) await bench.lab("fault", "pve-site-unforwarded");
    stage.hear("certify:ci of what is broken", await bench.certifyInCi(...flags), unpassed);
    await bench.lab("heal");
  });
}

function teardown(substrates: readonly string[]): Scene {
  return scene("it is all torn down", async (stage) => {
    const flags = ["--providers", substrates.join(","), ...debug(stage)];
    stage.hear("teardown", await stage.bench.teardown(...flags), [0]);
    stage.hear("teardown, once more", await stage.bench.teardown(...flags), [0, ...unpassed]);
  });
}
