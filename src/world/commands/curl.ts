// curl(1) as far as guests ask their metadata service with it.
import { type Command, fails, type Output, prints, type Scene } from "./output.ts";

type Asked = { readonly method: string; readonly path: string; readonly headers: Record<string, string> };

/**
 * `curl -s -m SECONDS [-X METHOD] [-H HEADER]… -w "\n%{http_code}" http://169.254.169.254/PATH`: the answer's body and then
 * its status; 7 where nobody is there (curl(1), EXIT CODES).
 */
export const curl: Command = (scene, words) => {
  const asked = parse(words);
  if (asked === undefined) return fails(2, "curl: option unknown here\n");
  return ask(scene, asked);
};

function ask({ machine, world }: Scene, asked: Asked): Output {
  // As a cloud's metadata service that does not answer: nothing comes.
  if (world.isBroken(`${machine.substrate}/${machine.label}/metadata`)) return fails(28, "");
  if (machine.metadata === undefined) return fails(7, "");
  const { status, body } = machine.metadata(asked);
  return prints(`${body}\n${status}`);
}

function parse(words: readonly string[]): Asked | undefined {
  const headers: Record<string, string> = {};
  let method = "GET";
  let path: string | undefined;
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "-X") method = rest.shift() ?? method;
    else if (word === "-H") addHeader(headers, rest.shift() ?? "");
    else if (["-m", "-w", "--noproxy"].includes(word)) rest.shift();
    else if (word.startsWith("http://169.254.169.254/")) path = word.slice("http://169.254.169.254".length);
    else if (word !== "-s") return undefined;
  }
  return path === undefined ? undefined : { method, path, headers };
}

function addHeader(headers: Record<string, string>, line: string): void {
  const [, name = "", value = ""] = /^([^:]+): ?(.*)$/.exec(line) ?? [];
  headers[name.toLowerCase()] = value;
}
