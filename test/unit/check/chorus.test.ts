// The rows of the verdict table that are about guests which stay silent.
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { Chorus, Patience } from "../../../src/check/chorus.ts";
import { named } from "../../support/checks.ts";

const heard = async () => "an answer";
const running = { running: true, uptime: 900_000 };
const [leaf1, leaf2, leaf3] = [named("leaf1"), named("leaf2"), named("leaf3")];

describe("a guest that is silent past its boot deadline", () => {
  it("has failed where the API shows it running and a sibling answers the same way of asking", async () => {
    const chorus = new Chorus([leaf1, leaf2, leaf3]);
    chorus.report(leaf2);
    chorus.report(leaf3, heard);
    expect(await chorus.judge(leaf1, running)).toEqual({
      result: "fail",
      summary: "leaf1 is running and silent past its boot deadline, while a sibling answers",
    });
  });

  it("is blocked where no sibling answers, for nothing shows that asking works", async () => {
    const chorus = new Chorus([leaf1, leaf2]);
    chorus.report(leaf2);
    expect(await chorus.judge(leaf1, running)).toEqual({
      result: "blocked",
      summary: "could not look: leaf1 is silent, and no sibling shows that asking works at all",
    });
  });

  it("is blocked where siblings that had answered do so no more: asking has ceased to work meanwhile", async () => {
    const chorus = new Chorus([leaf1, leaf2, leaf3]);
    const silenced = vi.fn(() => Promise.reject(new Error("silent")));
    chorus.report(leaf2, silenced);
    chorus.report(leaf3, silenced);
    expect((await chorus.judge(leaf1, running)).result).toBe("blocked");
    expect(silenced).toHaveBeenCalledTimes(2);
  });

  it("has failed where one of its siblings still answers, of whom three are asked, from all over the list", async () => {
    const judged = async (answering: number) => {
      const siblings = Array.from({ length: 7 }, (_, index) => named(`leaf${index + 2}`));
      const chorus = new Chorus([leaf1, ...siblings]);
      const asked: number[] = [];
      for (const [index, sibling] of siblings.entries())
        chorus.report(sibling, async () => {
          asked.push(index);
          if (index !== answering) throw new Error("silent");
        });
      return [(await chorus.judge(leaf1, running)).result, ...asked];
    };
    expect(await judged(6)).toEqual(["fail", 0, 3, 6]);
    expect(await judged(1)).toEqual(["blocked", 0, 3, 6]);
  });

  it("asks a sibling once for all who want to know at the time, and anew for whoever comes later", async () => {
    const chorus = new Chorus([leaf1, leaf2, leaf3]);
    const again = vi.fn(heard);
    chorus.report(leaf3, again);
    const both = await Promise.all([chorus.judge(leaf1, running), chorus.judge(leaf2, running)]);
    expect(both.map(({ result }) => result)).toEqual(["fail", "fail"]);
    expect(again).toHaveBeenCalledTimes(1);
    await chorus.judge(leaf1, running);
    expect(again).toHaveBeenCalledTimes(2);
  });

  it("does not vouch for itself by having answered earlier", async () => {
    const chorus = new Chorus([leaf1, leaf2]);
    chorus.report(leaf1, heard);
    chorus.report(leaf2);
    expect((await chorus.judge(leaf1, running)).result).toBe("blocked");
  });

  it("waits for its siblings although it has answered earlier itself", async () => {
    const chorus = new Chorus([leaf1, leaf2]);
    chorus.report(leaf1, heard);
    const verdict = chorus.judge(leaf1, running);
    await new Promise(setImmediate);
    chorus.report(leaf2, heard);
    expect((await verdict).result).toBe("fail");
  });

  it("is blocked where it has no siblings", async () => {
    expect((await new Chorus([leaf1]).judge(leaf1, running)).result).toBe("blocked");
  });

  it("has failed where the API shows it switched off, whatever siblings do", async () => {
    const chorus = new Chorus([leaf1, leaf2]);
    expect(await chorus.judge(leaf1, { running: false })).toEqual({
      result: "fail",
      summary: "leaf1 is not running",
    });
  });

  it("waits for siblings that have not been heard of yet", async () => {
    const chorus = new Chorus([leaf1, leaf2]);
    const verdict = chorus.judge(leaf1, running);
    const early = await Promise.race([verdict, new Promise((resolve) => setImmediate(resolve, "waiting"))]);
    expect(early).toBe("waiting");
    chorus.report(leaf2, heard);
    expect((await verdict).result).toBe("fail");
  });

  it("needs but one sibling that answers, and does not wait for the others", async () => {
    const chorus = new Chorus([leaf1, leaf2, leaf3]);
    chorus.report(leaf3, heard);
    expect((await chorus.judge(leaf1, running)).result).toBe("fail");
  });
});

describe("guests that are all silent", () => {
  it("are all blocked, and none waits for another for ever", async () => {
    const chorus = new Chorus([leaf1, leaf2, leaf3]);
    const verdicts = await Promise.all([leaf1, leaf2, leaf3].map((guest) => chorus.judge(guest, running)));
    expect(verdicts.map(({ result }) => result)).toEqual(["blocked", "blocked", "blocked"]);
  });
});

describe("a report", () => {
  it("counts once: the first word stands", async () => {
    const chorus = new Chorus([leaf1, leaf2]);
    chorus.report(leaf2, heard);
    chorus.report(leaf2);
    expect((await chorus.judge(leaf1, running)).result).toBe("fail");
  });

  it("of a stranger is no sibling's", async () => {
    const chorus = new Chorus([leaf1, leaf2]);
    chorus.report(leaf3, heard);
    chorus.report(leaf2);
    expect((await chorus.judge(leaf1, running)).result).toBe("blocked");
  });
});

describe("patience with a silent guest", () => {
  it("lasts a boot deadline from its start, whatever of it was spent asking", () => {
    const patience = new Patience(0);
    expect(patience.mayBeBooting({ running: true, uptime: 900_000 }, 899_000)).toBe(false);
    expect(new Patience(5_000).mayBeBooting({ running: true, uptime: 4_000 }, 0)).toBe(true);
  });

  it("lasts a while for one that has been switched on for long, for it may have rebooted by itself", () => {
    expect(new Patience(5_000).mayBeBooting(running, 0)).toBe(true);
    expect(new Patience(300_000).mayBeBooting(running, 0)).toBe(true);
  });

  it("begins with its own making, however long the process has been running by then", () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    onTestFinished(() => void vi.useRealTimers());
    vi.advanceTimersByTime(3_600_000);
    expect(new Patience(5_000).mayBeBooting(running, 0)).toBe(true);
  });

  it("begins with the asking where nobody tells since when it has been switched on", () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const patience = new Patience(50);
    vi.advanceTimersByTime(60);
    expect(patience.mayBeBooting({ running: true }, 30)).toBe(true);
    expect(patience.mayBeBooting({ running: true }, 0)).toBe(false);
    expect(patience.mayBeBooting({ running: true, uptime: 900_000 }, 30)).toBe(false);
  });

  it("is over at its end and not after it", () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const patience = new Patience(50);
    vi.advanceTimersByTime(50);
    expect(patience.mayBeBooting({ running: true, uptime: 80 }, 30)).toBe(false);
    expect(patience.mayBeBooting({ running: true, uptime: 79 }, 30)).toBe(true);
  });

  it("is not needed for one that is switched off", () => {
    expect(new Patience(300_000).mayBeBooting({ running: false }, 0)).toBe(false);
  });
});
