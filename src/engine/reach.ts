// Says on standard output why a URL can not be had, and nothing where it can. It is run as a process of its own: what a
// proxy that does not answer leaves open would keep any other from ending.
const [url = ""] = process.argv.slice(2);
const why = await fetch(url, { method: "HEAD" }).then(
  ({ ok, status }) => (ok ? "" : `HTTP ${status}`),
  inShort,
);
process.stdout.write(why, () => process.exit());

/** `fetch` itself only says "fetch failed"; the system's code is in the cause. */
function inShort(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
}
