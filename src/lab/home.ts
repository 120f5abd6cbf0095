// Where a running lab keeps what its commands need: one folder, private to its owner, gone when the lab is.
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { overlayVariable } from "../environment/overlay.ts";
import { stackOf } from "../environment/stack.ts";

/** The environment that the lab stands for. */
export const environment = "lab";

/** All environments that live in the lab's world, side by side: the other one adopts what was there before. */
export const environments = [environment, "lab-adopted"] as const;

/** How to reach a running lab. */
const ticket = z.object({
  pid: z.number().int(),
  port: z.number().int(),
  token: z.string(),
  substrates: z.array(z.string()),
  providers: z.record(z.string(), z.number().int()),
});

/** A parsed ticket. */
export type Ticket = z.infer<typeof ticket>;

/** The folder of one lab. */
export class Home {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** The backend that the lab's stacks are kept in. */
  get backend(): string {
    return join(this.path, "state");
  }

  /** What the running lab's far ends need in stack config. */
  get overlay(): string {
    return join(this.path, "overlay.json");
  }

  /** The same, with credentials that change nothing. */
  get readOnlyOverlay(): string {
    return join(this.path, "overlay-read-only.json");
  }

  /** The lab process's own output. */
  get log(): string {
    return join(this.path, "lab.log");
  }

  /** Authorities of the far ends, for plugins that trust as Go programs do. */
  get authorities(): string {
    return join(this.path, "ca.pem");
  }

  /** A new, empty folder; what a dead lab left is gone. */
  async create(): Promise<void> {
    await this.remove();
    await mkdir(this.backend, { recursive: true, mode: 0o700 });
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }

  /** The ticket of the lab that was started here last; none where there is none. */
  async readTicket(): Promise<Ticket | undefined> {
    try {
      return ticket.parse(JSON.parse(await readFile(this.#ticket, "utf8")));
    } catch {
      return undefined;
    }
  }

  /** Writes the ticket whole or not at all. */
  async writeTicket(value: Ticket): Promise<void> {
    const draft = `${this.#ticket}.${randomUUID()}`;
    await writeFile(draft, JSON.stringify(value), { mode: 0o600 });
    await rename(draft, this.#ticket);
  }

  /** Writes stack config for each substrate's stacks, and that for those who only look. */
  async writeOverlays(lab: { readonly overlay: BySubstrate; readonly readOnly: BySubstrate }): Promise<void> {
    await writeFile(this.overlay, JSON.stringify(byStack(lab.overlay)), { mode: 0o600 });
    await writeFile(this.readOnlyOverlay, JSON.stringify(byStack(lab.readOnly)), { mode: 0o600 });
  }

  /** What a shell must export so that plain `npx pulumi` and the commands meet this lab, or can only look at it. */
  variables({ providers }: Ticket, readOnly = false): Readonly<Record<string, string>> {
    const attached = Object.entries(providers).map(([plugin, port]) => `${plugin}:${port}`);
    return {
      PULUMI_BACKEND_URL: `file://${this.backend}`,
      // The lab's secrets die with it, and its stack config is in the repository.
      PULUMI_CONFIG_PASSPHRASE: "lab",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      [overlayVariable]: readOnly ? this.readOnlyOverlay : this.overlay,
      ...(attached.length === 0
        ? { SSL_CERT_FILE: this.authorities }
        : {
            PULUMI_DEBUG_PROVIDERS: attached.join(","),
            PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
          }),
    };
  }

  get #ticket(): string {
    return join(this.path, "lab.json");
  }
}

type BySubstrate = Readonly<Record<string, unknown>>;

function byStack(values: BySubstrate): Readonly<Record<string, unknown>> {
  const stacks = Object.entries(values).flatMap(([substrate, own]) =>
    environments.map((environment) => [stackOf({ environment, substrate }), own] as const),
  );
  return Object.fromEntries(stacks);
}
