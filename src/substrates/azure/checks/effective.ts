// What is in force at each interface: Azure's own sum of tables, groups and whatever stands above them.
import { z } from "zod";
import { fail, list, type Outcome, pass, say } from "../../../check/outcome.ts";
import { Unreadable } from "../../../check/unreadable.ts";
import type { CloudGuest } from "../../cloud/topology.ts";
import { idOf, logical, nicNameOf, sameName, subnetIdOf } from "../names.ts";
import { lineOfRoute, routesOf } from "../routes.ts";
import { rulesOf } from "../rules.ts";
import type { Scene } from "../scene.ts";

const version = "2024-05-01";

const routes = z.object({
  value: z.array(
    z.object({
      source: z.string(),
      state: z.string(),
      addressPrefix: z.array(z.string()),
      nextHopType: z.string(),
      nextHopIpAddress: z.array(z.string()).default([]),
    }),
  ),
});

/** What is in force beside Azure's own routes is what is declared, and the network itself is reached directly. */
export async function judgeEffectiveRoutes(scene: Scene, signal: AbortSignal): Promise<Outcome> {
  const { network } = scene.config;
  const told = await askEach(scene, { what: "effectiveRouteTable", model: routes }, signal);
  const declared = routesOf().map(lineOfRoute).toSorted().join();
  const wrong = told.filter(({ answer }) => {
    const active = answer.value.filter(({ state }) => state === "Active");
    const lines = active
      .filter(({ source }) => source !== "Default")
      .flatMap(({ addressPrefix, nextHopType, nextHopIpAddress: [nextHopIpAddress] }) =>
        addressPrefix.map((prefix) => lineOfRoute({ addressPrefix: prefix, nextHopType, nextHopIpAddress })),
      );
    const direct = active.some(
      ({ addressPrefix, nextHopType }) => nextHopType === "VnetLocal" && addressPrefix.includes(network.cidr),
    );
    return lines.toSorted().join() !== declared || !direct;
  });
  return wrong.length === 0
    ? pass(say`routes are as declared, no others, and in force at ${told.length} interfaces`)
    : fail(say`other routes are in force: ${list(wrong.map(({ guest }) => guest.name))}`);
}

const groups = z.object({
  value: z.array(
    z.object({
      networkSecurityGroup: z.object({ id: z.string() }).optional(),
      association: z.object({ subnet: z.object({ id: z.string() }).optional() }).optional(),
      effectiveSecurityRules: z.array(z.object({ name: z.string(), priority: z.number() })),
    }),
  ),
});

/** One group, ours, at the subnet, with all of its rules: a network manager's would stand beside it. */
export async function judgeEffectiveRules(scene: Scene, signal: AbortSignal): Promise<Outcome> {
  const { config } = scene;
  const question = { what: "effectiveNetworkSecurityGroups", model: groups } as const;
  const told = await askEach(scene, question, signal);
  const own = idOf(config, "Microsoft.Network/networkSecurityGroups", logical.security);
  const declared = rulesOf(config).map(({ priority }) => priority);
  const wrong = told.filter(({ answer: { value } }) => {
    const [only, ...others] = value;
    const ruled = only?.effectiveSecurityRules.filter(({ name }) => name.startsWith("securityRules/"));
    return (
      others.length > 0 ||
      !sameName(only?.networkSecurityGroup?.id, own) ||
      !sameName(only?.association?.subnet?.id, subnetIdOf(config)) ||
      ruled
        ?.map(({ priority }) => priority)
        .toSorted((a, b) => a - b)
        .join() !== declared.join()
    );
  });
  return wrong.length === 0
    ? pass(say`${declared.length} rules as declared, no others, and in force at ${told.length} interfaces`)
    : fail(say`other rules are in force: ${list(wrong.map(({ guest }) => guest.name))}`);
}

type Asked<M> = {
  readonly what: "effectiveRouteTable" | "effectiveNetworkSecurityGroups";
  readonly model: M;
};

/** Azure works it out only for machines that run. Throws `Unreadable` where none does. */
async function askEach<M extends z.ZodType>(
  scene: Scene,
  { what, model }: Asked<M>,
  signal: AbortSignal,
): Promise<readonly { readonly guest: CloudGuest; readonly answer: z.infer<M> }[]> {
  const { config, arm } = scene;
  const machines = await Promise.all(config.guests.map((guest) => scene.machine(guest, signal)));
  const running = config.guests.filter((_, index) =>
    machines[index]?.instanceView.statuses.some(({ code }) => code === "PowerState/running"),
  );
  if (running.length === 0) throw new Unreadable("no-expectation", "no virtual machine runs");
  return Promise.all(
    running.map(async (guest) => {
      const path = `${idOf(config, "Microsoft.Network/networkInterfaces", nicNameOf(guest))}/${what}`;
      return { guest, answer: await arm.compute({ path, version, model }, signal) };
    }),
  );
}
