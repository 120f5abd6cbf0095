// What can go wrong, as data: every fault in every phase of every command at every far end, and what may be sampled of it.
import fc from "fast-check";
import type { PreparedFault } from "../../../src/substrates/double.ts";
import { type Command, everyMoment, type Phase } from "./moments.ts";

/** The kinds of things that go wrong. */
export const kinds = ["fault", "signal", "disk", "clock", "rival"] as const;

/** What goes wrong. */
export type What =
  /** A far end breaks; the check that shows it answers with this class, where it is asked after that. */
  | ({ readonly kind: "fault" } & Pick<PreparedFault, "name" | "check" | "shows" | "breaks" | "mendable">)
  | { readonly kind: "signal"; readonly signal: Deadly; readonly victim: Victim }
  /** Nothing more fits, nothing may be written, or the victim's files are cut off in the middle. */
  | { readonly kind: "disk"; readonly state: "full" | "read-only" }
  | { readonly kind: "disk"; readonly state: "cut"; readonly victim: Exclude<Victim, "watchdog"> }
  /** All clocks but those of far ends and the engine's go by so many ms. */
  | { readonly kind: "clock"; readonly jump: number }
  | { readonly kind: "rival"; readonly rivals: readonly Rival[] };

type Deadly = "SIGTERM" | "SIGINT" | "SIGKILL";
/** The command itself, the Pulumi engine that works for it, or a qualification's watchdog. */
export type Victim = "certifier" | "engine" | "watchdog";
/** Another `--repair`, or an engineer's `pulumi up`. */
export type Rival = "certifier" | "engineer";

/** One thing that goes wrong at one moment. */
export type Case = {
  readonly substrate: string;
  readonly command: Command;
  readonly phase: Phase;
  readonly what: What;
  /** Milliseconds from the phase's beginning. */
  readonly after: number;
  /** What a repair has to repair. */
  readonly drift: string | undefined;
};

/** A far end with its prepared faults, as the lab lists them. */
export type FarEnd = { readonly substrate: string; readonly faults: readonly PreparedFault[] };

/** Drifts that are repaired by what a repair can do: by the engine, with something made anew, and without. */
const repairable: Readonly<Record<string, readonly string[]>> = {
  pve: ["firewall-rule-added", "vm-untagged", "vm-deleted", "bridge-comment-gone"],
  aws: ["aws-ingress-added", "aws-instance-terminated", "aws-dest-check-on"],
  azure: ["azure-ingress-added", "azure-machine-deleted", "azure-forwarding-refused"],
  oci: ["oci-ingress-added", "oci-instance-terminated", "oci-dest-check-on"],
};

const hour = 3_600_000;
const jumps = [25 * hour, -25 * hour, hour / 6];
const signals = ["SIGTERM", "SIGINT", "SIGKILL"] as const;
const duels: readonly (readonly Rival[])[] = [["certifier"], ["engineer"], ["certifier", "engineer"]];

/** Every case there is, in one order, without the accidents of a {@link sampled} one. */
export function everyCase(farEnds: readonly FarEnd[]): readonly Omit<Case, "after" | "drift">[] {
  const visited = farEnds.flatMap(({ faults }) => faults).filter(({ abroad }) => abroad !== undefined);
  return farEnds.flatMap(({ substrate, faults }) => {
    const own = faults.filter(({ check }) => !check.startsWith("X."));
    const foreign = visited.flatMap((one) => (faults.includes(one) ? [] : abroad(one, substrate)));
    const whats = [...[...own, ...foreign].map(broken), ...anywhere];
    return everyMoment.flatMap((moment) =>
      whats.flatMap((what) => (concerns(what, moment) ? { substrate, ...moment, what } : [])),
    );
  });
}

/** So many of them by chance, each with a delay and a drift; the same ones for the same seed. */
export function sampled(
  cases: readonly Omit<Case, "after" | "drift">[],
  { sample, seed }: { readonly sample: number; readonly seed: number },
): readonly Case[] {
  const most = Math.min(sample, cases.length);
  const order = fc.shuffledSubarray([...cases], { minLength: most, maxLength: most });
  const [drawn = []] = fc.sample(order, { numRuns: 1, seed });
  const delays = fc.sample(fc.integer({ min: 0, max: 1_500 }), { numRuns: most, seed });
  return drawn.map((one, index) => {
    const delay = delays[index] ?? 0;
    const drifts = repairable[one.substrate] ?? [];
    // A draft is there for some milliseconds only.
    const after = one.phase === "write" ? delay % 4 : delay;
    return { ...one, after, drift: one.command === "repair" ? drifts[delay % drifts.length] : undefined };
  });
}

/** The same nearer to its phase's beginning; none where that would be of no help. */
export function sooner(one: Case): Case | undefined {
  // A draft is soon gone anyway, and a disk stays busy for as long as an engine runs.
  const helps = one.phase !== "write" && !(one.what.kind === "disk" && one.what.state === "read-only");
  // A few ms more or less are chance.
  const after = one.after > 40 ? Math.floor(one.after / 4) : 0;
  return helps && one.after > 0 ? { ...one, after } : undefined;
}

/** One line that names a case. */
export function nameOf({ substrate, command, phase, what, after, drift }: Case): string {
  const repaired = drift === undefined ? "" : ` of ${drift}`;
  return `${substrate} ${command}${repaired}, ${phase} + ${after} ms: ${whatOf(what)}`;
}

function whatOf(what: What): string {
  if (what.kind === "fault") return what.name;
  if (what.kind === "signal") return `${what.signal} to the ${what.victim}`;
  if (what.kind === "disk")
    return what.state === "cut" ? `the ${what.victim}'s disk is full half-way` : `a ${what.state} disk`;
  if (what.kind === "clock") return `the clock goes by ${what.jump / 60_000} minutes`;
  return `beside ${what.rivals.join(" and ")}`;
}

function broken({ name, check, shows, breaks, mendable }: PreparedFault): What {
  return { kind: "fault", name, check, shows, breaks, ...(mendable === undefined ? {} : { mendable }) };
}

function abroad(fault: PreparedFault, substrate: string): readonly PreparedFault[] {
  if (fault.abroad === undefined) return [];
  return [{ ...fault, check: `${substrate}.pve`, shows: fault.abroad }];
}

/** What needs no far end of its own. */
const anywhere: readonly What[] = [
  ...signals.flatMap((signal) =>
    (["certifier", "engine", "watchdog"] as const).map(
      (victim): What => ({ kind: "signal", signal, victim }),
    ),
  ),
  { kind: "disk", state: "full" },
  { kind: "disk", state: "read-only" },
  { kind: "disk", state: "cut", victim: "certifier" },
  { kind: "disk", state: "cut", victim: "engine" },
  ...jumps.map((jump): What => ({ kind: "clock", jump })),
  ...duels.map((rivals): What => ({ kind: "rival", rivals })),
];

/** Whether there is a victim at that moment: an engine does not run while evidence is written or a product is asked. */
function concerns(what: What, { command, phase }: Pick<Case, "command" | "phase">): boolean {
  if (!("victim" in what)) return true;
  if (what.victim === "watchdog") return command === "smoke" && phase !== "begin";
  return what.victim !== "engine" || !["begin", "write", "product", "end"].includes(phase);
}
