import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { type Question, Questions } from "../../../src/engine/questions.ts";

const patient = new AbortController().signal;
const vm = (name: string): Question => ({ token: "cloud:getMachine", args: { group: "lab", name } });

/** Questions, and those that were handed over. */
function open() {
  const posed: Question[] = [];
  return { posed, questions: new Questions((_number, question) => posed.push(question)) };
}

describe("Questions to a running engine", () => {
  it("are each handed over once for all who want the same answer at the time", async () => {
    const { posed, questions } = open();
    const asked = [vm("a"), vm("b"), vm("a")].map((question) => questions.ask(question, patient));
    expect(posed).toEqual([vm("a"), vm("b")]);
    questions.answered(1, "answer of b");
    questions.answered(0, "answer of a");
    await expect(Promise.all(asked)).resolves.toEqual(["answer of a", "answer of b", "answer of a"]);
  });

  it("are asked anew when they have been answered or refused, since the answer may be another by then", async () => {
    const { posed, questions } = open();
    const first = questions.ask(vm("a"), patient);
    questions.answered(0, "stopped");
    await expect(first).resolves.toBe("stopped");
    const second = questions.ask(vm("a"), patient);
    questions.refused(1, "rate limited");
    await expect(second).rejects.toMatchObject({
      reason: "engine",
      message: expect.stringMatching("rate limited"),
    });
    const third = questions.ask(vm("a"), patient);
    questions.answered(2, "running");
    await expect(third).resolves.toBe("running");
    expect(posed).toHaveLength(3);
  });

  it("end for one asker with its own reason, and go on for the others", async () => {
    const { questions } = open();
    const hasty = new AbortController();
    const [left, stayed] = [hasty.signal, patient].map((signal) => questions.ask(vm("a"), signal));
    hasty.abort(new Error("no longer wanted"));
    await expect(left).rejects.toThrow("no longer wanted");
    questions.answered(0, "answer of a");
    await expect(stayed).resolves.toBe("answer of a");
    expect(getEventListeners(patient, "abort")).toEqual([]);
  });

  it("are refused where nobody answers any more, those that wait and those that come later", async () => {
    const { posed, questions } = open();
    const early = questions.ask(vm("a"), patient);
    questions.end();
    await expect(early).rejects.toMatchObject({ reason: "engine" });
    await expect(questions.ask(vm("b"), patient)).rejects.toMatchObject({ reason: "engine" });
    expect(posed).toEqual([vm("a")]);
  });
});
