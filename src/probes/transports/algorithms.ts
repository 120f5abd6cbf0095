// The only SSH algorithms that are spoken, by us and by the lab.
import type { Algorithms } from "ssh2";

/**
 * Key exchange by RFC 9142, the rest by OpenSSH's names; AES-GCM carries its own integrity. No chacha20-poly1305: ssh2
 * keeps its nonce in one buffer for all connections, and one inside another (a jump host's) corrupts both.
 */
export const algorithms: Algorithms = {
  kex: ["curve25519-sha256", "curve25519-sha256@libssh.org"],
  serverHostKey: ["ssh-ed25519"],
  cipher: ["aes256-gcm@openssh.com", "aes128-gcm@openssh.com"],
  hmac: ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com"],
  compress: ["none"],
};
