// The lab's process: starts everything, says so, and ends when it is asked to.
import { writeFile } from "node:fs/promises";
import { z } from "zod";
import { substrateNames } from "../substrates/index.ts";
import { serveControl } from "./control.ts";
import { Home } from "./home.ts";
import { type Lab, startLab } from "./lab.ts";

const [folder, mode] = z
  .tuple([z.string(), z.enum(["doubles", "real-plugins"])])
  .parse(process.argv.slice(2));
const home = new Home(folder);
const ending = Promise.withResolvers<void>();
process.once("SIGTERM", ending.resolve).once("SIGINT", ending.resolve);

// Before anything is trusted: the doubles of Go plugins read it as Go does.
process.env.SSL_CERT_FILE = home.authorities;
await using lab = await startLab({ substrates: substrateNames, realPlugins: mode === "real-plugins" });
await using control = await serveControl(lab, ending.resolve);
await writeFile(home.authorities, authoritiesOf(lab), { mode: 0o644 });
await home.writeOverlays(lab);
await home.writeTicket({
  pid: process.pid,
  port: control.port,
  token: control.token,
  substrates: [...substrateNames],
  providers: lab.providers,
});
process.send?.("ready");
if (process.connected) process.disconnect();
await ending.promise;

/** Every certificate authority in the far ends' stack config. */
function authoritiesOf({ overlay }: Lab): string {
  const values = Object.values(overlay).flatMap((config) => Object.values(config));
  return values
    .filter((value) => typeof value === "string" && value.startsWith("-----BEGIN CERTIFICATE-----"))
    .join("\n");
}
