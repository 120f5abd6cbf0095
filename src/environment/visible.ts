// Text of others in a line for people: nothing in it that a terminal would obey.

/** Text with characters that would move a cursor, turn the writing direction or break the line as their numbers. */
export function visible(text: string): string {
  return text.replaceAll(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** The same as a part of a line: as it is where it is a plain word, else quoted and cut to 80 characters. */
export function quoted(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 79)}…` : text;
  return /^[\w.:@/+-]+$/.test(short) ? short : visible(JSON.stringify(short));
}
