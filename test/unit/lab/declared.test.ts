import { expect, it } from "vitest";
import { revealedIn } from "../../../src/lab/declared.ts";

const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});

it("properties come out of their envelopes, at whatever depth", () => {
  expect(
    revealedIn({
      plain: 1,
      name: secret("hush"),
      nested: { list: [secret({ key: secret("deep") }), null] },
    }),
  ).toEqual({ plain: 1, name: "hush", nested: { list: [{ key: "deep" }, null] } });
});
