// An SDK's own types, to which a double's inputs and outputs are held.
import { readFileSync } from "node:fs";
import ts from "typescript";
import type { Properties } from "../../src/substrates/double.ts";

/** The members of one of an SDK module's interfaces, `<prefix><module><suffix>`: name → the kind of value that its type allows. */
export function membersOf(
  sdk: string,
  module: string,
  { prefix = "", suffix }: { readonly prefix?: string; readonly suffix: string },
): ReadonlyMap<string, string> {
  const url = new URL(`../../node_modules/${sdk}/${module}.d.ts`, import.meta.url);
  const source = ts.createSourceFile(module, readFileSync(url, "utf8"), ts.ScriptTarget.Latest);
  const name = `${prefix}${module.slice(module.lastIndexOf("/") + 1)}${suffix}`.toLowerCase();
  const found = source.statements.find(
    (one) => ts.isInterfaceDeclaration(one) && one.name.text.toLowerCase() === name,
  );
  if (found === undefined || !ts.isInterfaceDeclaration(found)) throw new TypeError(`no interface ${name}`);
  return new Map(
    found.members.flatMap((member) =>
      ts.isPropertySignature(member) && ts.isIdentifier(member.name)
        ? [[member.name.text, kindOf(member.type?.getText(source) ?? "")] as const]
        : [],
    ),
  );
}

function kindOf(type: string): string {
  const plain = type.replace(/^pulumi\.Input<(.*?)(?: \| undefined)?>$/s, "$1");
  if (/\[\]$/.test(plain)) return "list";
  if (["string", "number", "boolean"].includes(plain)) return plain;
  return /^string \|/.test(plain) ? "string" : "object";
}

/** Values whose key the SDK does not have, or has with another kind of value. */
export function strangers(values: Properties, members: ReadonlyMap<string, string>): string[] {
  return Object.entries(values).flatMap(([key, value]) => {
    if (value === undefined) return [];
    const kind = Array.isArray(value) ? "list" : typeof value;
    return members.get(key) === kind ? [] : [`${key}: ${kind} for ${members.get(key)}`];
  });
}
