// JSON where every key means one thing: a repeated key, which parsers settle differently, is refused.

/**
 * Parses JSON text.
 * @throws SyntaxError saying where it is no JSON, or which key is there twice or is `__proto__`; never with text of the document but a quoted key
 */
export function parseJson(text: string): unknown {
  const value = parse(text);
  refuseAmbiguousKeys(text);
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // The engine's message quotes the document, control characters and all; its position alone is kept.
    const position = /line \d+ column \d+/.exec(String(cause))?.[0];
    throw new SyntaxError(position === undefined ? "no JSON" : `no JSON at ${position}`, { cause });
  }
}

/** Walks text that is known to be JSON; there a string before a colon is always a key. */
function refuseAmbiguousKeys(text: string): void {
  const open: Set<string>[] = [];
  for (const [token, quoted] of text.matchAll(
    /("[^"\\]*(?:\\.[^"\\]*)*")\s*:|"[^"\\]*(?:\\.[^"\\]*)*"|[{}]/g,
  )) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (quoted !== undefined) claim(String(JSON.parse(quoted)), open.at(-1));
  }
}

function claim(key: string, keys: Set<string> | undefined): void {
  if (key === "__proto__") throw new SyntaxError("the key __proto__");
  if (keys?.has(key)) throw new SyntaxError(`the key ${JSON.stringify(key)} twice`);
  keys?.add(key);
}
