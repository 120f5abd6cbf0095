import { expect, it } from "vitest";
import { Unreadable } from "../../../src/check/unreadable.ts";
import { readNeighbour, readStranger } from "../../../src/probes/readers/arping.ts";

const reading = (exit: number, stdout: string, stderr = "") => ({ exit, stdout, stderr, truncated: false });
const sent = "ARPING 10.0.0.2 from 10.0.0.1 eth0\nSent 3 probes (3 broadcast(s))\nReceived 0 response(s)\n";

it("An answer by ARP is told by the exit code, the other way round for strangers", () => {
  expect([readNeighbour(reading(0, sent)), readNeighbour(reading(1, sent))]).toEqual([true, false]);
  expect([readStranger(reading(0, sent)), readStranger(reading(1, sent))]).toEqual([false, true]);
});

it("Where there is no arping, sudo's exit code is no finding", () => {
  const missing = reading(1, "", "sudo: arping: command not found\n");
  expect(() => readNeighbour(missing)).toThrow(Unreadable);
  expect(() => readStranger(missing)).toThrow(Unreadable);
});
