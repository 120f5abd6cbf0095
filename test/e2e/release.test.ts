import { execa } from "execa";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Bench, project, type Qualified } from "./bench.ts";
import { says } from "./days.ts";

const clouds = ["aws", "azure", "oci"];

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start({ provision: false });
  for (const substrate of ["pve", ...clouds])
    await bench.pulumi("up", "--yes", "--skip-preview", "-s", `lab-${substrate}`);
});
afterEach(async () => void (await bench.lab("heal")));
afterAll(() => bench[Symbol.asyncDispose]());

const freeze = {
  ...{ runId: "qual-1", release: "v1.2.3", since: new Date().toISOString() },
  until: new Date(Date.now() + 3_600_000).toISOString(),
};

const all = ["pve", ...clouds].join(",");

/** Where a check of this name has failed: `aws/router1`. */
function failedIn(result: Qualified["result"], check: string): readonly string[] {
  const failed = result?.checks.filter(({ name, result: verdict }) => name === check && verdict === "fail");
  return (failed ?? []).map(({ provider, target }) => `${provider}/${target}`).toSorted();
}

/** A look at four substrates takes longer than one at a single one. */
const patiently = () => ["--certification", bench.cloudManifest, "--heartbeat", "15s"];

describe("a release on all four substrates", () => {
  it("is let in by two manifests that are judged as one", async () => {
    const hypervisors = await bench.certify("--repair");
    const rest = await bench.certifyClouds("--repair", "--providers", clouds.join(","));
    expect([hypervisors.exit, rest.exit], rest.stdout).toEqual([0, 0]);
    const both = ["--certification", bench.manifest, "--certification", bench.cloudManifest];
    const { exit, stderr } = await bench.gate("--providers", all, ...both);
    expect(exit, stderr).toBe(0);
    expect((await bench.gate("--providers", "pve,aws,azure", ...both)).exit).not.toBe(0);
  });

  it("is tried on every endpoint of theirs, and passes", async () => {
    const { exit, stderr, result } = await bench.qualify(...patiently());
    expect(exit, stderr).toBe(0);
    const tried = result?.checks.filter(({ name }) => name === "routerd.service") ?? [];
    expect(tried.map(({ provider, target }) => `${provider}/${target}`).toSorted()).toEqual([
      ...clouds.flatMap((cloud) => [`${cloud}/router1`, `${cloud}/router2`]),
      ...["pve/edge1", "pve/leaf1", "pve/leaf2"],
    ]);
    expect(result?.checks.filter((check) => check.result !== "pass")).toEqual([]);
  });

  it("fails by the product where that stands still, and says in which of them", async () => {
    for (const cloud of clouds) await bench.lab("inside", `${cloud}/router1`, "routerd-stopped");
    const { exit, stderr, result } = await bench.qualify(...patiently());
    expect(exit, stderr).toBe(1);
    expect(result).toMatchObject({ classification: "product_failure" });
    expect(failedIn(result, "routerd.service")).toEqual(clouds.map((cloud) => `${cloud}/router1`));
  });

  it("fails by the substrate where that differs, and says in which of them; the product is not asked", async () => {
    for (const cloud of clouds) await bench.lab("drift", `${cloud}-guest-renamed`);
    const { exit, stderr, result } = await bench.qualify(...patiently());
    expect(exit, stderr).toBe(3);
    expect(result).toMatchObject({ classification: "infra_failure", driverExit: -1 });
    expect(failedIn(result, "g.hostname")).toEqual(clouds.map((cloud) => `${cloud}/client2`));
  });
});

describe("a teardown", () => {
  it("is refused while a release run holds the environment still, and changes nothing", async () => {
    await bench.record({ freeze });
    const before = { machines: await bench.machines(), backend: await bench.backend() };
    const { exit, stderr } = await bench.teardown("--providers", "pve");
    expect([exit, stderr]).toEqual([
      3,
      expect.stringMatching(/teardown of lab: .* a freeze by qual-1 for release v1\.2\.3 until /),
    ]);
    expect({ machines: await bench.machines(), backend: await bench.backend() }).toEqual(before);
    await bench.record({ freeze: null });
  });

  it("destroys nothing once a release run has frozen the environment, however late", async () => {
    const before = await bench.machines();
    await bench.lab("latency", "3000");
    const argv = ["src/cli/teardown.ts", "--environment", "lab", "--providers", "pve"];
    const tearing = execa(process.execPath, argv, { cwd: project, env: bench.env, reject: false, all: true });
    await says(tearing, /looking for the run's things/);
    await bench.record({ freeze });
    await bench.lab("latency", "0");
    const { exitCode, stdout } = await tearing;
    await bench.record({ freeze: null });
    const why = "not destroyed: a release run holds the environment still";
    expect([exitCode, stdout]).toEqual([3, expect.stringMatching(new RegExp(`^lab-pve +unknown +${why}`))]);
    expect(await bench.machines()).toEqual(before);
  });

  it("destroys nothing where it can not see what there is", async () => {
    const before = await bench.machines();
    await bench.lab("fault", "pve-api-down");
    const { exit, stdout } = await bench.teardown("--providers", "pve");
    await bench.lab("heal");
    expect([exit, stdout]).toEqual([3, expect.stringMatching(/^lab-pve +unknown +could not look: /)]);
    expect(await bench.machines()).toEqual(before);
  });

  it("takes all substrates away, foundations too, proves it, and says what was there before and stays", async () => {
    const { exit, stdout } = await bench.teardown();
    expect(stdout).toMatch(
      /^lab-pve +gone +nothing of the run is left; kept, as they were there before: fabric-b$/m,
    );
    for (const cloud of clouds)
      expect(stdout).toMatch(new RegExp(`^lab-${cloud} +gone +nothing of the run is left$`, "m"));
    expect(exit).toBe(0);
    expect((await bench.machines()).join()).not.toMatch(/leaf1|router1/);
  });

  it("proves nothing about a run that nobody names, and can be asked again for one", async () => {
    const { exit, stdout } = await bench.teardown("--providers", "pve");
    expect([exit, stdout]).toEqual([3, expect.stringMatching(/unknown +no run is known/)]);
    const named = await bench.teardown("--providers", all, "--run-id", "run-20261122-160145-x7k2");
    expect(named.exit).toBe(0);
  });
});
