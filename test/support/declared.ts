// Provisions a substrate as its program declares it, through the provider's double and without any engine.
import * as pulumi from "@pulumi/pulumi";
import { getMonitor } from "@pulumi/pulumi/runtime/settings.js";
import { z } from "zod";
import type { Run } from "../../src/environment/run.ts";
import type { Thing } from "../../src/lab/lab.ts";
import type { ProviderSession } from "../../src/substrates/double.ts";
import type { Declaring } from "../../src/substrates/policy.ts";
import type { PveConfig } from "../../src/substrates/pve/config.ts";
import { declarePve } from "../../src/substrates/pve/declare.ts";

const properties = z.record(z.string(), z.unknown());

/** What other people's load on the machine may make of some seconds. */
export const patience = 300_000;

/** What was made, by logical name. */
export type Things = ReadonlyMap<string, Omit<Thing, "substrate">>;

/** Declares a PVE program's resources and makes each of them; what is adopted is only read. */
export async function provision(config: PveConfig, session: ProviderSession, run: Run): Promise<Things> {
  return provisionBy(() => declarePve(config, run), session);
}

/** Runs a program and makes each of the resources that it declares. */
export async function provisionBy(program: () => unknown, session: ProviderSession): Promise<Things> {
  const things = new Map<string, Omit<Thing, "substrate">>();
  const signal = AbortSignal.timeout(patience);
  await pulumi.runtime.setMocks({
    call: async ({ token, inputs }) => {
      const answer = await session.invoke(token, properties.parse(revealed(inputs)), signal);
      return { ...answer };
    },
    newResource: async ({ type, name, inputs: given, id: existing }) => {
      const declared = properties.parse(revealed(given));
      if (type.startsWith("pulumi:")) return { id: name, state: declared };
      const double = session.resource(type);
      const inputs = double.check(declared);
      const { id, outputs } =
        (existing && (await double.read(existing, { inputs: {}, outputs: {} }, signal))) ||
        (await double.create(inputs, signal));
      things.set(name, { type, id, inputs, outputs });
      return { id, state: { ...outputs } };
    },
  });
  program();
  await pulumi.runtime.disconnect();
  return things;
}

/** Runs a program and gives each of the resources that it declares, as a policy is told of them. */
export async function declaredBy(program: () => unknown): Promise<readonly Declaring[]> {
  const protects = new Map<string, boolean>();
  const declared: Omit<Declaring, "protect">[] = [];
  await pulumi.runtime.setMocks({
    call: () => ({}),
    newResource: async ({ type, name, inputs }) => {
      if (!type.startsWith("pulumi:"))
        declared.push({ type, name, props: properties.parse(revealed(inputs)) });
      return { id: name, state: inputs };
    },
  });
  const monitor = getMonitor();
  if (monitor === undefined) throw new TypeError("no program runs");
  const register = monitor.registerResource.bind(monitor);
  Object.assign(monitor, {
    registerResource: (request: { getName(): string; getProtect(): boolean }, ...rest: never[]) => {
      protects.set(request.getName(), request.getProtect());
      return Reflect.apply(register, undefined, [request, ...rest]);
    },
  });
  await program();
  await pulumi.runtime.disconnect();
  return declared.map((one) => ({ ...one, protect: protects.get(one.name) ?? false }));
}

/** The engine's envelope of a secret (pulumi, sdk/go/common/resource/sig/sig.go), which a plugin's double never meets. */
const envelope = z.object({
  "4dabf18193072939515e22adb298388d": z.literal("1b47061264138c4ac30d75fd1eb44270"),
  value: z.unknown(),
});

function revealed(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(revealed);
  if (typeof given !== "object" || given === null) return given;
  const secret = envelope.safeParse(given);
  if (secret.success) return revealed(secret.data.value);
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, revealed(value)]));
}
