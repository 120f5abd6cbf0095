// A certificate authority for far ends of the lab, and server certificates signed by it.
import { generate } from "selfsigned";

/** PEM. */
export type ServerCertificate = { readonly certificate: string; readonly key: string };

/** An authority, made anew for each lab and gone with it. */
export type Authority = {
  /** Its own certificate, PEM. */
  readonly certificate: string;
  issue(host: string): Promise<ServerCertificate>;
};

const elliptic = { keyType: "ec", algorithm: "sha256" } as const;

/** Makes an authority. `title` is its common name. */
export async function newAuthority(title: string): Promise<Authority> {
  const name = [{ name: "commonName", value: title }];
  const own = await generate(name, {
    ...elliptic,
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return {
    certificate: own.cert,
    issue: (host) => issue(host, { key: own.private, cert: own.cert }),
  };
}

/** For the host's own name and for loopback, where the lab listens. */
async function issue(host: string, ca: { key: string; cert: string }): Promise<ServerCertificate> {
  const names = [host, "localhost"].map((value) => ({ type: 2 as const, value }));
  const made = await generate([{ name: "commonName", value: host }], {
    ...elliptic,
    ca,
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      { name: "subjectAltName", altNames: [...names, { type: 7, ip: "127.0.0.1" }] },
    ],
  });
  return { certificate: made.cert, key: made.private };
}
