import { describe, expect, it } from "vitest";
import { planBlindly } from "../../../src/certification/blind.ts";
import type { Sight } from "../../../src/substrates/substrate.ts";
import { checkOf, named, passed, runPlan } from "../../support/checks.ts";

/** Everything that a check can look at through its sight. */
const looks: readonly ((sight: Sight) => unknown)[] = [
  ({ invoke }) => invoke("any:get", {}, new AbortController().signal),
  ({ hostKeys }) => hostKeys.recorded(named("leaf1")),
  ({ hostKeys }) => hostKeys.note(named("leaf1"), "SHA256:a"),
  ({ hostKeys }) => hostKeys.met({ endpoint, hostKey: "ssh-ed25519 AAAA" }),
  ({ edge }) => edge({ substrate: named("far"), endpoint: named("edge1") }),
  ({ idOf }) => idOf("leaf1"),
];
const endpoint = { name: named("leaf1"), role: named("router"), host: "192.0.2.1", port: 22, user: "lab" };

describe("a plan that is made blindly", () => {
  it("holds what certifying would check, and none of it sees anything", async () => {
    const plan = (sight: Sight) =>
      looks.map((look, index) =>
        checkOf(`a.n${index}`, {
          observe: async () => {
            await look(sight);
            return passed;
          },
        }),
      );
    const { outcomes } = await runPlan(await planBlindly({ plan }));
    expect(outcomes).toEqual(looks.map(() => "blocked: could not look: the engine could not look"));
  });

  it("is of a run that repairs nothing, and of which nothing is known", async () => {
    const seen: Sight[] = [];
    await planBlindly({
      plan: (sight) => {
        seen.push(sight);
        return [];
      },
    });
    expect(seen).toEqual([expect.objectContaining({ repair: false, run: undefined })]);
    expect(seen[0]?.closing.disposed).toBe(true);
  });
});
