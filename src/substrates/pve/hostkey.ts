// Whether a host key is a guest's own: what its agent tells, which must be what the ledger remembers.
import { Unreadable } from "../../check/unreadable.ts";
import { Rekeyed } from "../../probes/guest.ts";
import { fingerprintOf } from "../../probes/key.ts";
import type { HostKeys } from "../substrate.ts";
import type { Api } from "./api.ts";
import { pathOf } from "./checks/machines.ts";
import { agentFile } from "./models.ts";
import type { Guest } from "./topology.ts";

/**
 * Whether the line `ssh-ed25519 AAAA…` that a guest's SSH server shows is its own.
 * @throws Unreadable where nothing is recorded or the agent does not tell, Rekeyed where another one is recorded
 */
export async function ownsHostKey(
  { guest, shown }: { readonly guest: Guest; readonly shown: string },
  { api, hostKeys }: { readonly api: Api; readonly hostKeys: HostKeys },
  signal: AbortSignal,
): Promise<boolean> {
  const recorded = hostKeys.recorded(guest.name);
  if (shown !== (await askAgent(api, guest, signal))) return false;
  const fingerprint = fingerprintOf(shown);
  if (recorded !== undefined && recorded !== fingerprint) throw new Rekeyed(guest.name);
  hostKeys.note(guest.name, fingerprint);
  return true;
}

/** A file that is empty or was read half is nothing to compare with: 51 bytes of key in base64 are 68 characters. */
const hostKeyLine = /^ssh-ed25519 [A-Za-z0-9+/]{68}(?=\s)/;

/** The guest's own word, over the hypervisor's agent channel: never trusted on first use. */
async function askAgent(api: Api, guest: Guest, signal: AbortSignal): Promise<string> {
  const file = encodeURIComponent("/etc/ssh/ssh_host_ed25519_key.pub");
  try {
    const { content } = await api.get(`${pathOf(guest)}/agent/file-read?file=${file}`, agentFile, signal);
    const [line] = hostKeyLine.exec(content) ?? [];
    if (line !== undefined) return line;
    throw new Unreadable("unparsable", "the host key's file");
  } catch (cause) {
    throw new Unreadable("no-expectation", `the agent of ${guest.name} does not tell the host key`, {
      cause,
    });
  }
}
