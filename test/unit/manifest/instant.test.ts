import { expect, test } from "vitest";
import { msOf } from "../../../src/manifest/instant.ts";

test.each([
  ["2026-06-28T01:00:00Z", "2026-06-28T01:00:00.000Z"],
  ["2026-06-28t01:00:00.123987z", "2026-06-28T01:00:00.123Z"],
  ["2026-06-28T01:00:00+09:00", "2026-06-27T16:00:00.000Z"],
  ["2026-06-28T01:00:00+23:59", "2026-06-27T01:01:00.000Z"],
  ["2024-02-29T00:00:00-00:00", "2024-02-29T00:00:00.000Z"],
  ["2016-12-31T18:59:60-05:00", "2017-01-01T00:00:00.000Z"],
])("%s is %s", (text, utc) => {
  expect(new Date(msOf(text)).toISOString()).toBe(utc);
});

test.each([
  ["", "nothing"],
  ["2026-06-28", "a day"],
  ["2026-06-28 01:00:00Z", "a space for the T"],
  ["2026-06-28T01:00:00", "no zone"],
  ["2026-06-28T01:00:00+0900", "an offset without its colon"],
  ["2026-06-28T01:00:00+24:00", "an offset of a day"],
  ["2026-06-28T24:00:00Z", "an hour 24"],
  ["2023-02-29T00:00:00Z", "a day that its year has not"],
  ["2016-12-31T23:58:60Z", "a leap second within the day"],
  ["2026-06-28T01:00:00Z\n", "a line end"],
  ["02026-06-28T01:00:00Z", "a year of five digits"],
])("%j is no time: %s", (text) => {
  expect(msOf(text)).toBeNaN();
});
