// The product's own checks on the certified endpoints: one session for each, the product on routers, flows from clients.
import type { Answer, Check } from "../check/check.ts";
import { fail, list, pass, say } from "../check/outcome.ts";
import { runChecks } from "../check/run.ts";
import { Unreadable } from "../check/unreadable.ts";
import type { Common } from "../environment/common.ts";
import { flowTrial } from "../probes/readers/flow.ts";
import { hostnameProbe } from "../probes/readers/hostname.ts";
import type { Transport } from "../probes/transport.ts";
import { openSession, type Session } from "../probes/transports/ssh.ts";
import { whole } from "../probes/whole.ts";
import type { Plan, PlannedEndpoint } from "./plan.ts";
import { client, productChecks, runsProduct } from "./routerd.ts";

/** How endpoints of a provider are logged in to. */
export type Login = Pick<Common, "sshKey" | "jump" | "connectTimeout">;

/** Everything that is tried of one provider's endpoints. */
export async function tryProduct(
  plan: Pick<Plan, "endpoints" | "flows" | "patience">,
  login: Login,
  signal: AbortSignal,
): Promise<readonly Answer[]> {
  await using closing = new AsyncDisposableStack();
  const guests = plan.endpoints.map((endpoint) => new Guest(endpoint, { login, closing }));
  const { patience } = plan;
  const routers = guests.filter(({ endpoint }) => runsProduct(endpoint.role));
  const checks = [
    ...guests.map((guest) => guest.check()),
    ...(routers.length === 0 ? [undeclared("routerd.service")] : []),
    ...routers.flatMap((guest) => {
      const { name } = guest.endpoint;
      return productChecks({ name, transport: guest, after: [`product.ssh@${name}`], patience });
    }),
    ...matrix(guests, plan.flows),
  ];
  return await runChecks(checks, { signal, onStart: () => undefined, onAnswer: () => undefined });
}

/** An endpoint and the session to it. */
class Guest implements Transport {
  readonly endpoint: PlannedEndpoint;
  readonly #access: { readonly login: Login; readonly closing: AsyncDisposableStack };
  #session: Session | undefined;

  constructor(
    endpoint: PlannedEndpoint,
    access: { readonly login: Login; readonly closing: AsyncDisposableStack },
  ) {
    this.endpoint = endpoint;
    this.#access = access;
  }

  run: Transport["run"] = async (probes, signal) => {
    if (this.#session === undefined) throw new Unreadable("unreachable", this.endpoint.name);
    return this.#session.run(probes, signal);
  };

  check(): Check {
    const { name } = this.endpoint;
    return {
      ...{ id: "product.ssh", target: name, after: [] as const },
      deadline: this.#access.login.connectTimeout + 60_000,
      observe: async (signal) => {
        await this.#open(signal);
        return pass(say`${name} is logged in to as it was certified`);
      },
    };
  }

  async #open(signal: AbortSignal): Promise<void> {
    const { login, closing } = this.#access;
    this.#session = closing.use(await enter(this.endpoint, login, signal));
    await this.#session.run([hostnameProbe], signal);
  }
}

/** Logs in where the certified host key is shown, and nowhere else. Throws `Unreadable` or `HostKeyMismatch`. */
export function enter(endpoint: PlannedEndpoint, login: Login, signal: AbortSignal): Promise<Session> {
  const { sshKey: privateKey, jump, connectTimeout } = login;
  const verify = (shown: string) => shown === endpoint.hostKey;
  return openSession(endpoint, { ...{ privateKey, jump, connectTimeout }, verify, signal });
}

/** matrix.flows for each client that flows to other clients begin at. */
function matrix(guests: readonly Guest[], flows: Plan["flows"]): Check[] {
  const clients = guests.filter(({ endpoint }) => endpoint.role === client);
  const names = clients.map(({ endpoint }) => endpoint.name);
  const checks = clients.flatMap((guest) => {
    const own = flows.filter(({ from, to }) => from === guest.endpoint.name && names.includes(to));
    return own.length === 0 ? [] : [flowsFrom(guest, own)];
  });
  return checks.length === 0 ? [undeclared("matrix.flows")] : checks;
}

/** All flows that begin at a client, in one batch. */
function flowsFrom(guest: Guest, flows: Plan["flows"]): Check {
  const { name } = guest.endpoint;
  const trials = flows.map((flow, index) => {
    const { probe, read } = flowTrial(flow, flow.address);
    return { to: flow.to, probe: { ...probe, id: `p${index}` }, read };
  });
  return {
    ...{ id: "matrix.flows", target: name, deadline: 180_000 },
    after: [...new Set([name, ...flows.map(({ to }) => to)])].map((one) => `product.ssh@${one}` as const),
    observe: async (signal) => {
      const probes = trials.map(({ probe }) => probe);
      const readings = await guest.run(probes, signal);
      const lost = trials.filter(({ probe: { id }, read }) => !read(whole(readings.get(id), id)).open);
      return lost.length === 0
        ? pass(say`${trials.length} of ${trials.length} flows to other clients work`)
        : fail(say`no way to ${list(lost.map(({ to }) => to))}`);
    },
  };
}

/** Nothing passes by absence. */
function undeclared(id: Check["id"]): Check {
  const observe = async () => {
    throw new Unreadable("no-expectation", id);
  };
  return { id, after: [], deadline: 1_000, observe };
}
