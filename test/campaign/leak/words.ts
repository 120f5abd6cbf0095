// What only far ends, guests and outsiders of the lab say, as far as it is theirs alone: by these words they are known again.
import { randomBytes } from "node:crypto";
import type { Canary, Kind } from "./search.ts";

/** What an outsider leaves in the lab in this run. */
export const planted = `left${randomBytes(8).toString("hex")}here`;

const said: readonly (readonly [Kind, readonly string[]])[] = [
  [
    "far end's words",
    [
      // Proxmox VE: src/substrates/pve/double/{misbehaviour,tokens,server,agent,tasks}.ts
      ...[
        "<html>",
        "Welcome to 192.0.2.11",
        "\u001b[31m",
        "]0;pwned",
        "no such host 192.0.2.11",
        "got timeout",
      ],
      ...["]0;owned", "UPID:pve", "PVEAPIToken"],
      // clouds: src/substrates/{aws,azure,oci}/double/{gateway,errors,arm}.ts
      ...["59dbff89-35bd-4eac-99ed-be587EXAMPLE", "https response error StatusCode"],
      ...["AWS was not able to validate", "security token included in the request", "Request limit exceeded"],
      ...["not authorized to perform", "The access token is invalid", "The page could not be read"],
      ...["required information to complete authentication", "Too many requests for the user"],
      // guests: src/world/{meddle,commands}.ts
      ...["RuntimeError('failed')", "somebody-else", "changed by hand", "y\ny\ny\ny\n"],
    ],
  ],
  ["outsider's words", [planted]],
];

/** All of them. */
export const words: readonly Canary[] = said.flatMap(([kind, texts]) =>
  texts.map((text) => ({
    kind,
    label: text === planted ? "planted" : JSON.stringify(text),
    text: Buffer.from(text),
  })),
);
