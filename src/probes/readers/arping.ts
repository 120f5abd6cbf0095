// Who answers on the wire of one interface, asked by ARP.
import { Unreadable } from "../../check/unreadable.ts";
import type { Probe, Reading } from "../transport.ts";
import { asRoot } from "./root.ts";

/** An interface and the address that is asked for on its wire. */
export type Question = { readonly device: string; readonly address: string };

/** Asks as a neighbour does. Always with a count: older iputils called an answer without one a failure (iputils#392). */
export function neighbourProbe(id: string, { device, address }: Question): Probe {
  return { id, argv: asRoot(["arping", "-I", device, "-c3", "-w5", address]), timeout: 8 };
}

/**
 * Asks as duplicate address detection does, from 0.0.0.0: Linux answers that whatever its routes and reverse path
 * filter say of the asker, so that silence means that the question did not arrive.
 */
export function strangerProbe(id: string, { device, address }: Question): Probe {
  return { id, argv: asRoot(["arping", "-D", "-I", device, "-c2", "-w2", address]), timeout: 5 };
}

/** Whether a neighbour answered. Throws `Unreadable`; root must have been demanded. */
export function readNeighbour(reading: Reading): boolean {
  return exitOf(reading) === 0;
}

/** Whether somebody answered a stranger: the exit codes are the other way round. Throws `Unreadable`. */
export function readStranger(reading: Reading): boolean {
  return exitOf(reading) === 1;
}

/**
 * 0 and 1 are findings; 2 is arping's own trouble, as with an interface that is not there (iputils 20221126). Where it has
 * not counted what it sent it has not asked at all: sudo(8) ends with 1 too where there is no arping.
 */
function exitOf({ exit, stdout }: Reading): number {
  if (exit !== 0 && exit !== 1) throw new Unreadable("unparsable", "arping's exit code");
  if (!/^Sent \d+ probes/m.test(stdout)) throw new Unreadable("unparsable", "no arping of iputils");
  return exit;
}
