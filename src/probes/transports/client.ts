// One authenticated SSH connection over any stream: modern algorithms, one key, no agent, no trust on first use.
import type ssh2 from "ssh2";
import { Unreadable } from "../../check/unreadable.ts";
import type { Secret } from "../../environment/secret.ts";
import { fingerprintOf } from "../key.ts";
import { library } from "../library.ts";
import { algorithms } from "./algorithms.ts";
import { explainHandshake, orAborted } from "./failure.ts";
import type { Wire } from "./wire.ts";

/** Who logs in, and who judges the key that the server shows: a `ssh-ed25519 AAAA…` line. */
export type Login = {
  readonly user: string;
  readonly privateKey: Secret;
  readonly verify: (hostKey: string) => boolean | Promise<boolean>;
};

/** Thrown where `verify` refused the host key: the far end is somebody else. */
export class HostKeyMismatch extends Error {
  override readonly name = "HostKeyMismatch";
  /** Of the key that was shown, as ssh-keygen prints it: `SHA256:…`. */
  readonly fingerprint: string;

  constructor(fingerprint: string) {
    super(`the server shows another host key: ${fingerprint}`);
    this.fingerprint = fingerprint;
  }
}

/**
 * Shakes hands and logs in. The wire is hung up where that fails or the signal is aborted.
 * @throws Unreadable, HostKeyMismatch, or what `verify` throws
 */
export async function login(
  wire: Wire,
  { user, privateKey, verify }: Login,
  signal: AbortSignal,
): Promise<{ client: ssh2.Client; hostKey: string }> {
  const { Client } = library();
  const client = new Client();
  const ready = Promise.withResolvers<void>();
  const key = judge(verify, ready.reject);
  client.on("ready", ready.resolve).on("error", (error) => ready.reject(explainHandshake(error)));
  client.on("close", () =>
    ready.reject(new Unreadable("unreachable", "connection lost in the SSH handshake")),
  );
  client.on("error", key.dismiss).on("end", key.dismiss).on("close", key.dismiss);
  try {
    client.connect({
      sock: wire.stream,
      username: user,
      privateKey: privateKey.reveal(),
      algorithms,
      hostVerifier: key.verifier,
      readyTimeout: 0,
    });
    await orAborted(ready.promise, signal, "SSH handshake");
    return { client, hostKey: key.shown() };
  } catch (error) {
    await wire.hangUp();
    throw error;
  }
}

/** Lets `verify` decide on the key that the server shows; a refusal is told as HostKeyMismatch. */
function judge(verify: Login["verify"], refuse: (error: unknown) => void) {
  let line = "";
  let asked = true;
  const decide = async (blob: Buffer): Promise<boolean> => {
    line = `ssh-ed25519 ${blob.toString("base64")}`;
    const accepted = await verify(line);
    if (!accepted) refuse(new HostKeyMismatch(fingerprintOf(line)));
    return accepted;
  };
  const verifier: ssh2.HostVerifier = (blob, answer) => {
    const undecided = (error: unknown) => {
      refuse(error);
      return false;
    };
    decide(blob)
      .catch(undecided)
      // ssh2 throws at an answer that comes after the handshake's end, where nobody could catch it.
      .then((accepted) => asked && answer(accepted));
  };
  const dismiss = () => {
    asked = false;
  };
  return { verifier, shown: () => line, dismiss };
}
