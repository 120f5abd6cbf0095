// Pings from inside an endpoint.
import type { Probe } from "../transport.ts";

/**
 * Three echo requests, all of which must be answered: without `-w`, ping calls one reply of three a success
 * (iputils ping(8), EXIT STATUS).
 */
export function pingProbe(id: string, address: string): Probe {
  return { id, argv: ["ping", "-n", "-c3", "-i0.3", "-W2", "-w8", address], timeout: 10 };
}
