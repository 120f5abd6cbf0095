// Secrets in user data: whoever may look at a machine in the provider's console can read them.
import type { Secret } from "../src/environment/secret.ts";

/** What may be in it, and what must not. */
type Known = { readonly hostKeys: readonly Secret[]; readonly secrets: readonly Secret[] };

/** By the end of their names: `DB_PASSWORD` is a password. `lock_passwd` holds none. */
const suspicious = [
  ["a private key that is no declared host key", /PRIVATE KEY/],
  ["a password", /(?<![a-z\d]|lock_)(ch)?passw(or)?d["']?\s*[:=]/i],
  [
    "a token",
    /(?<![a-z\d])(api[_-]?(key|token)|secret[_-]?(access[_-]?)?key|access[_-]?token|client[_-]?secret)["']?\s*[:=]/i,
  ],
  ["cloud credentials", /\bAKIA[0-9A-Z]{16}\b/],
] as const;

/** What user data holds that it must not, in sentences without any of it. */
export function secretsIn(userData: string, { hostKeys, secrets }: Known): readonly string[] {
  const rest = hostKeys.reduce((text, key) => without(text, key.reveal()), flat(userData));
  const found = suspicious.filter(([, pattern]) => pattern.test(rest)).map(([what]) => what);
  const own = secrets.some((secret) => rest.includes(essenceOf(secret.reveal())));
  return [...found, ...(own ? ["one of the stack's own secrets"] : [])].map(
    (what) => `expected user data without secrets, got ${what}`,
  );
}

/** One line, however its newlines are written. */
function flat(text: string): string {
  return text.replaceAll(/\\n|\s+/g, " ");
}

/** The key with its frame, wherever it stands. */
function without(text: string, key: string): string {
  return text.replaceAll(flat(key.trim()), "");
}

/** Of a key its longest line, which survives every way to indent and fold it. */
function essenceOf(secret: string): string {
  const lines = secret.split(/\s+/).toSorted((a, b) => b.length - a.length);
  return lines[0] ?? secret;
}
