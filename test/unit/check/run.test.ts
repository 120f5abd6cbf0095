import { getEventListeners } from "node:events";
import { execa } from "execa";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { blocked, fail, pass, say } from "../../../src/check/outcome.ts";
import { Unreadable } from "../../../src/check/unreadable.ts";
import { checkOf, named, passed, runPlan } from "../../support/checks.ts";

const never = () => new Promise<never>(() => undefined);

describe("a plan", () => {
  it("runs all its checks at the same time", async () => {
    const meeting = Promise.withResolvers<void>();
    let present = 0;
    const meet = async () => {
      present += 1;
      if (present === 3) meeting.resolve();
      await meeting.promise;
      return passed;
    };
    const { outcomes } = await runPlan(
      ["a.a", "b.b", "c.c"].map((id) => checkOf(`x.${id}`, { observe: meet })),
    );
    expect(outcomes).toEqual(Array(3).fill("pass: seen"));
  });

  it("answers in its own order, whatever answers first", async () => {
    const second = Promise.withResolvers<void>();
    const slow = checkOf("a.slow", { observe: async () => second.promise.then(() => passed) });
    const quick = checkOf("a.quick", {
      observe: async () => {
        second.resolve();
        return passed;
      },
    });
    const { answers, told } = await runPlan([slow, quick]);
    expect(answers.map(({ check }) => check.id)).toEqual(["a.slow", "a.quick"]);
    expect(told.map(({ answer }) => answer.check.id)).toEqual(["a.quick", "a.slow"]);
  });

  it("opens a check only when all its gates have passed", async () => {
    const seen: string[] = [];
    const noting = (id: `${string}.${string}`, after: readonly `${string}.${string}`[]) =>
      checkOf(id, {
        after,
        observe: async () => {
          seen.push(id);
          return passed;
        },
      });
    await runPlan([noting("a.tls", []), noting("a.api", ["a.tls"]), noting("a.vm", ["a.tls", "a.api"])]);
    expect(seen).toEqual(["a.tls", "a.api", "a.vm"]);
  });

  it.each([
    ["fail", fail(say`wrong`)],
    ["blocked", blocked(say`dark`)],
    ["skipped", { result: "skipped", summary: say`not asked` } as const],
  ])(
    "blocks what stands behind a gate that is %s, names the gate, and never looks",
    async (result, outcome) => {
      const gate = checkOf("g.ssh", { target: named("leaf1"), observe: async () => outcome });
      const behind = checkOf("g.hostname", { after: ["g.ssh@leaf1" as `g.ssh@${ReturnType<typeof named>}`] });
      const { outcomes, started } = await runPlan([gate, behind]);
      expect(outcomes[1]).toBe(`blocked: could not look: g.ssh@leaf1 is ${result}`);
      expect(started).toEqual(["g.ssh"]);
    },
  );

  it.each([
    ["nothing", [], "a plan without checks proves nothing"],
    ["a check twice", [checkOf("a.a"), checkOf("a.a")], "a.a is planned twice"],
    [
      "a gate that is not in it",
      [checkOf("a.a"), checkOf("a.b", { after: ["a.c"] })],
      "a.b waits for a.c, which is not planned before it",
    ],
    [
      "a gate that comes later",
      [checkOf("a.a"), checkOf("a.b", { after: ["a.c"] }), checkOf("a.c")],
      "a.b waits for a.c, which is not planned before it",
    ],
  ])("with %s is refused before anything has begun", async (_what, checks, message) => {
    const begun: string[] = [];
    const plan = checks.map((check) => ({
      ...check,
      observe: async () => {
        begun.push(check.id);
        return passed;
      },
    }));
    await expect(runPlan(plan)).rejects.toThrow(new TypeError(message));
    await new Promise(setImmediate);
    expect(begun).toEqual([]);
  });

  it("may have one check for many targets", async () => {
    const { outcomes } = await runPlan(
      ["leaf1", "leaf2"].map((target) => checkOf("g.ssh", { target: named(target) })),
    );
    expect(outcomes).toHaveLength(2);
  });

  it("tells of each start and each answer once, with the error where there was one", async () => {
    const broken = new Error("private");
    const { started, told } = await runPlan([
      checkOf("a.a"),
      checkOf("a.b", { observe: () => Promise.reject(broken) }),
    ]);
    expect(started).toEqual(["a.a", "a.b"]);
    expect(told.map(({ answer, error }) => [answer.check.id, error])).toEqual([
      ["a.a", undefined],
      ["a.b", broken],
    ]);
  });
});

describe("a check", () => {
  it("that throws is blocked by its reason", async () => {
    const refused = () => Promise.reject(new Unreadable("unauthorized", "10.0.0.1"));
    const { outcomes } = await runPlan([checkOf("a.a", { observe: refused })]);
    expect(outcomes).toEqual(["blocked: could not look: credentials refused (401)"]);
  });

  it("that breaks, even before its first await, is blocked without its words", async () => {
    const { outcomes } = await runPlan([
      checkOf("a.a", {
        observe: () => {
          throw new Error("10.0.0.1");
        },
      }),
    ]);
    expect(outcomes).toEqual(["blocked: could not look: the check itself broke; the debug log says how"]);
  });

  it("that ignores its signal is blocked at its deadline, and others are not held up", async () => {
    const { outcomes } = await runPlan([checkOf("a.a", { deadline: 1, observe: never }), checkOf("a.b")]);
    expect(outcomes).toEqual(["blocked: could not look: no answer in time", "pass: seen"]);
  });

  it("is told by its signal that it is too late, and why", async () => {
    let reason: unknown;
    const observe = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener("abort", () => {
          reason = signal.reason;
          reject(signal.reason);
        });
      });
    await runPlan([checkOf("a.a", { deadline: 1, observe })]);
    expect(reason).toMatchObject({ name: "TimeoutError", message: "past the check's deadline" });
  });

  it("leaves neither a timer nor a listener behind", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const signals: AbortSignal[] = [];
    const observe = async (signal: AbortSignal) => {
      signals.push(signal);
      return passed;
    };
    await runPlan([checkOf("a.a", { observe })]);
    expect(vi.getTimerCount()).toBe(0);
    expect(signals.map((signal) => getEventListeners(signal, "abort"))).toEqual([[]]);
  });

  it("that cancels the run while it begins, and never answers, is cancelled itself", async () => {
    const cancel = new AbortController();
    const observe = () => {
      cancel.abort();
      return never();
    };
    const { outcomes } = await runPlan([checkOf("a.a", { observe })], cancel.signal);
    expect(outcomes).toEqual(["blocked: could not look: the run was cancelled"]);
  });

  it("that ends late with an error of its own leaves nothing unhandled", async () => {
    const late = Promise.withResolvers<never>();
    const { outcomes } = await runPlan([checkOf("a.a", { deadline: 1, observe: () => late.promise })]);
    late.reject(new Error("nobody waits any more"));
    await new Promise(setImmediate);
    expect(outcomes).toEqual(["blocked: could not look: no answer in time"]);
  });

  it("gets its answer even where nothing else keeps the process alive", async () => {
    const module = JSON.stringify(new URL("../../../src/check/run.ts", import.meta.url).href);
    const script = `
      const { runChecks } = await import(${module});
      const check = { id: "a.a", after: [], deadline: 1, observe: () => new Promise(() => {}) };
      const options = { signal: new AbortController().signal, onStart() {}, onAnswer() {} };
      console.log((await runChecks([check], options))[0].result);`;
    const { stdout } = await execa(process.execPath, ["--input-type=module", "--eval", script]);
    expect(stdout).toBe("blocked");
  });

  it("has its deadline from the opening of its gates, not from the start of the run", async () => {
    const gate = Promise.withResolvers<void>();
    const patient = checkOf("a.slow", {
      observe: async () => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        gate.resolve();
        return passed;
      },
    });
    const { outcomes } = await runPlan([patient, checkOf("a.b", { after: ["a.slow"], deadline: 20 })]);
    expect(outcomes[1]).toBe("pass: seen");
  });

  it("is blocked as cancelled when the run is, and what stands behind it by its gate", async () => {
    const cancel = new AbortController();
    const waiting = checkOf("a.a", {
      observe: (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
          cancel.abort();
        }),
    });
    const { outcomes } = await runPlan([waiting, checkOf("a.b", { after: ["a.a"] })], cancel.signal);
    expect(outcomes).toEqual([
      "blocked: could not look: the run was cancelled",
      "blocked: could not look: a.a is blocked",
    ]);
  });

  it("does not begin in a run that is cancelled already", async () => {
    let looked = false;
    const check = checkOf("a.a", {
      observe: async () => {
        looked = true;
        return passed;
      },
    });
    const { outcomes } = await runPlan([check], AbortSignal.abort());
    expect(outcomes).toEqual(["blocked: could not look: the run was cancelled"]);
    expect(looked).toBe(false);
  });

  it("keeps what it saw when the run is cancelled afterwards", async () => {
    const cancel = new AbortController();
    const slow = checkOf("a.slow", {
      observe: async () => {
        cancel.abort();
        return pass(say`seen in time`);
      },
    });
    const { outcomes } = await runPlan([checkOf("a.a"), slow], cancel.signal);
    expect(outcomes[0]).toBe("pass: seen");
  });
});
