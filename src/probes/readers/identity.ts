// Which instance a guest takes itself for, and what it was given to become that.
import { Unreadable } from "../../check/unreadable.ts";
import type { Probe, Reading } from "../transport.ts";
import { asRoot } from "./root.ts";

/** What cloud-init made this instance for (cloud-init, Instance metadata: data/instance-id). */
export const instanceProbe: Probe = {
  id: "instance-id",
  argv: ["cat", "/var/lib/cloud/data/instance-id"],
  timeout: 5,
};

/** The user data as it was delivered; only root may read it (canonical/cloud-init, helpers.py). */
export const userDataProbe: Probe = {
  id: "user-data",
  argv: asRoot(["sha256sum", "/var/lib/cloud/instance/user-data.txt"]),
  timeout: 10,
};

/** The instance-id; none where the guest has none. Throws `Unreadable`. */
export function readInstance(reading: Reading | undefined): string | undefined {
  if (reading === undefined || reading.truncated || ![0, 1].includes(reading.exit))
    throw new Unreadable("unparsable", "instance-id");
  if (reading.exit === 1) return undefined;
  const instance = reading.stdout.trim();
  if (!/^[A-Za-z0-9._:-]{1,128}$/.test(instance)) throw new Unreadable("unparsable", "instance-id");
  return instance;
}

/** SHA-256 of the user data; none where the guest has none. Throws `Unreadable`; root must have been demanded. */
export function readUserData(reading: Reading | undefined): string | undefined {
  if (reading?.exit === 1) return undefined;
  const [digest] = /^[0-9a-f]{64}/.exec(reading?.stdout ?? "") ?? [];
  if (reading?.exit !== 0 || digest === undefined) throw new Unreadable("unparsable", "user data");
  return digest;
}
