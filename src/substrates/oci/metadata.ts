// What an instance is told at launch, and which ports its image's own firewall must be made to let through.
import type { CloudRule } from "../cloud/section.ts";
import type { CloudGuest } from "../cloud/topology.ts";
import { type Openings, type Responders, userDataOf } from "../cloud/userdata.ts";

/** What user data is made of. */
type Told = {
  readonly ingress: readonly CloudRule[];
  readonly responders: Responders;
  readonly network: { readonly subnet: string };
};

/** The keys that cloud-init reads. Neither can be changed once the instance has been launched. */
export function metadataOf(told: Told, guest: CloudGuest, publicKey: string) {
  const userData = guestDataOf(told, guest);
  return { ssh_authorized_keys: publicKey, user_data: Buffer.from(userData).toString("base64") };
}

/** A guest's user data, which opens the image's firewall as far as the security list is open. */
export function guestDataOf(told: Told, guest: CloudGuest): string {
  const rules = openingsOf(told, guest).map((words): Openings[number] => [
    "iptables",
    "-I",
    ...words.split(" "),
  ]);
  // Kept over a restart by iptables-persistent, which Oracle's Ubuntu images have.
  return userDataOf(guest, told.responders, [...rules, ["netfilter-persistent", "save"]]);
}

/**
 * The rules that must stand before the image's last one, as iptables(8) takes them after `-I`. Canonical's images on OCI
 * let in ping and TCP 22 and reject all else, also what is to be passed on.
 */
export function openingsOf(
  { ingress, network }: Told,
  { forwards }: Pick<CloudGuest, "forwards">,
): readonly string[] {
  const inwards = ingress.flatMap(({ protocol, port, from }) => {
    const sources = from === "inside" ? [network.subnet] : from;
    return sources.map((source) =>
      [
        "INPUT",
        ...(source === "0.0.0.0/0" ? [] : [`-s ${source}`]),
        ...(protocol === "any" ? [] : [`-p ${protocol}`]),
        ...(port === undefined ? [] : [`--dport ${port}`]),
        "-j ACCEPT",
      ].join(" "),
    );
  });
  return forwards ? [...inwards, "FORWARD -j ACCEPT"] : inwards;
}
