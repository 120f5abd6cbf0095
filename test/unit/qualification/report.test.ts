import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readReport } from "../../../src/qualification/report.ts";

const now = new Date("2026-11-23T04:00:00.000Z");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "report-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(text: string) {
  const file = join(folder, "report.json");
  await writeFile(file, text);
  return readReport(file, now);
}

describe("what a qualification command reports", () => {
  it("is nothing where it has written nothing", async () => {
    expect(await readReport(join(folder, "none.json"), now)).toEqual({ checks: [] });
  });

  it("takes the blame from the product where there is something that is no file", async () => {
    expect(await readReport(folder, now)).toMatchObject({ classification: "infra_failure" });
  });

  it("may be its class alone, or its checks alone", async () => {
    expect(await read('{"classification":"infra_failure"}')).toEqual({
      ...{ classification: "infra_failure", checks: [] },
    });
    const check = { name: "x", result: "pass", checkedAt: now.toISOString() };
    expect(await read(JSON.stringify({ checks: [{ ...check, more: 1 }] }))).toEqual({ checks: [check] });
  });

  it.each(["", "{", "[]", '{"checks":{}}', '{"checks":[{"name":"x"}]}', '{"classification":"fine"}'])(
    "takes the blame from the product where it can not be read: %s",
    async (text) => {
      expect(await read(text)).toMatchObject({
        classification: "infra_failure",
        checks: [
          {
            name: "qualification.report",
            result: "blocked",
            checkedAt: now.toISOString(),
            summary: "what the qualification command has written can not be read",
          },
        ],
      });
    },
  );
});
