// systemctl(1) as far as units are asked for, and routerctl, which asks routerd over its socket or reads its journal.
import { poolName, poolOf } from "../routerd.ts";
import { type Command, fails, type Output, prints, type Scene } from "./output.ts";

/** `systemctl is-active UNIT`; exit codes by systemctl(1): 3 is not active, 4 no such unit. */
export const systemctl: Command = ({ machine }, words) => {
  const [verb, unit, ...rest] = words;
  if (verb !== "is-active" || unit === undefined || rest.length > 0)
    return fails(1, `Unknown command verb '${verb ?? ""}'.\n`);
  const { routerd } = machine.system;
  if (unit !== "routerd.service" || routerd === undefined)
    return { exit: 4, stdout: "inactive\n", stderr: "" };
  return { exit: routerd.unit === "active" ? 0 : 3, stdout: `${routerd.unit}\n`, stderr: "" };
};

const apiVersion = "control.routerd.net/v1alpha1";

/** By the words that follow its name (imksoo/routerd, cmd/routerctl); only root may use its socket and its journal. */
export const routerctl: Command = (scene, words) => {
  const { routerd } = scene.machine.system;
  if (routerd === undefined) return fails(127, "sh: 1: routerctl: not found\n");
  if (!scene.root) return fails(1, "open /var/lib/routerd/routerd.db: permission denied\n");
  const line = words.join(" ");
  // Straight from the journal, whether the daemon runs or not; of no rows Go makes null.
  if (line === "action list -o json") return json(routerd.actions.length === 0 ? null : routerd.actions);
  const answer = Object.hasOwn(asked, line) ? asked[line] : undefined;
  if (answer === undefined) return fails(1, `unknown command "${words[0] ?? ""}"\n`);
  if (routerd.unit !== "active")
    return fails(1, "dial unix /run/routerd/status.sock: connect: no such file or directory\n");
  return json(answer(scene));
};

const asked: Readonly<Record<string, (scene: Scene) => unknown>> = {
  "get status -o json": status,
  "get MobilityPool -o json": (scene) => ({
    apiVersion,
    kind: "GetResult",
    metadata: {},
    items: [view(scene)],
  }),
  [`describe MobilityPool/${poolName} -o json`]: (scene) => ({
    ...{ apiVersion, kind: "DescribeResult", metadata: {} },
    resource: view(scene),
  }),
};

function status({ world, machine }: Scene) {
  const { phase, reason } = poolOf(world, machine);
  const issue = { kind: "MobilityPool", name: poolName, phase, reason };
  const issues = phase === "Ready" ? {} : { resourcePhaseIssues: [issue] };
  return {
    ...{ apiVersion, kind: "Status", metadata: { name: machine.system.hostname } },
    status: { phase: "Healthy", generation: 1, resourceCount: 1, ...issues },
  };
}

function view({ world, machine }: Scene) {
  const { phase, reason, owners } = poolOf(world, machine);
  return {
    ...{ apiVersion: "mobility.routerd.net/v1alpha1", kind: "MobilityPool", name: poolName },
    status: { phase, reason, ownershipResolverControlPlaneOwnerTable: owners },
  };
}

function json(value: unknown): Output {
  return prints(`${JSON.stringify(value, undefined, 2)}\n`);
}
