// The product's own checks on the certified endpoints: one session for each, the product on routers, flows from clients.
import type { Answer, Check } from "../check/check.ts";
import { fail, list, pass, say } from "../check/outcome.ts";
import { runChecks } from "../check/run.ts";
import { Unreadable } from "../check/unreadable.ts";
import type { Common } from "../environment/common.ts";
import type { Name } from "../environment/name.ts";
import type { Visit } from "../probes/guest.ts";
import { GuestMesh } from "../probes/mesh.ts";
import { flowTrial } from "../probes/readers/flow.ts";
import { hostnameProbe } from "../probes/readers/hostname.ts";
import { openSession, type Session } from "../probes/transports/ssh.ts";
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
  const visit = (name: Name): Visit => {
    const guest = guests.find(({ endpoint }) => endpoint.name === name);
    if (guest === undefined) throw new TypeError(`${name} is not an endpoint`);
    return guest;
  };
  const { patience } = plan;
  const routers = guests.filter(({ endpoint }) => runsProduct(endpoint.role));
  const checks = [
    ...guests.map((guest) => guest.check()),
    ...(routers.length === 0 ? [undeclared("routerd.service")] : []),
    ...routers.flatMap((guest) => {
      const { name } = guest.endpoint;
      return productChecks({ name, transport: guest, after: [`product.ssh@${name}`], patience });
    }),
    ...matrix(plan, visit),
  ];
  return await runChecks(checks, { signal, onStart: () => undefined, onAnswer: () => undefined });
}

/** An endpoint and the session to it. */
class Guest implements Visit {
  readonly endpoint: PlannedEndpoint;
  readonly #access: { readonly login: Login; readonly closing: AsyncDisposableStack };
  readonly #settling = Promise.withResolvers<void>();
  #session: Session | undefined;

  constructor(
    endpoint: PlannedEndpoint,
    access: { readonly login: Login; readonly closing: AsyncDisposableStack },
  ) {
    this.endpoint = endpoint;
    this.#access = access;
  }

  readonly greeted = (): undefined => undefined;

  get settled(): Promise<void> {
    return this.#settling.promise;
  }

  run: Visit["run"] = async (probes, signal) => {
    if (this.#session === undefined) throw new Unreadable("unreachable", this.endpoint.name);
    return this.#session.run(probes, signal);
  };

  check(): Check {
    const { name } = this.endpoint;
    return {
      ...{ id: "product.ssh", target: name, after: [] as const },
      deadline: this.#access.login.connectTimeout + 60_000,
      observe: async (signal) => {
        try {
          await this.#open(signal);
          return pass(say`${name} is logged in to as it was certified`);
        } finally {
          this.#settling.resolve();
        }
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

/** matrix.flows for each client that flows to other clients begin at, in one batch. */
function matrix(
  { endpoints, flows }: Pick<Plan, "endpoints" | "flows">,
  visit: (name: Name) => Visit,
): Check[] {
  const clients = endpoints.filter(({ role }) => role === client).map(({ name }) => name);
  const own = flows.filter(({ from, to }) => clients.includes(from) && clients.includes(to));
  const mesh = new GuestMesh(clients, visit);
  if (own.length === 0) return [undeclared("matrix.flows")];
  return [...Map.groupBy(own, ({ from }) => from)].map(([from, wanted]) => {
    const trials = wanted.map((flow) => {
      const { probe, read } = flowTrial(flow, flow.address);
      const reading = mesh.plan(from, async () => probe);
      return { to: flow.to, works: async (signal: AbortSignal) => read(await reading(signal)).open };
    });
    return {
      ...{ id: "matrix.flows", target: from, deadline: 180_000 },
      after: [...new Set([from, ...wanted.map(({ to }) => to)])].map((one) => `product.ssh@${one}` as const),
      observe: async (signal) => {
        const works = await Promise.all(trials.map((trial) => trial.works(signal)));
        const lost = trials.filter((_, index) => !works[index]).map(({ to }) => to);
        return lost.length === 0
          ? pass(say`${trials.length} of ${trials.length} flows to other clients work`)
          : fail(say`no way to ${list(lost)}`);
      },
    };
  });
}

/** Nothing passes by absence. */
function undeclared(id: Check["id"]): Check {
  const observe = async () => {
    throw new Unreadable("no-expectation", id);
  };
  return { id, after: [], deadline: 1_000, observe };
}
