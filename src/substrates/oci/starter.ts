// What a new environment's OCI stack config begins as; the parser refuses it until nobody's "replace me" is left.

/** The guests that it declares. */
export const starterGuests = ["router1", "client1"];

/** Commented YAML of the smallest substrate that can be certified: two guests in one subnet. */
export const starter = `config:
  # The topology that the release needs; --topology must equal it.
  substrate:topology: "replace me: a logical name such as sam-full"
  # From switching a guest on to its answering, and for one SSH connection.
  substrate:bootDeadline: 5m
  substrate:connectTimeout: 10s
  # Secrets never stand here in plain text: set substrate:sshKey with \`pulumi config set --secret\`, and for each guest
  # its host key (ed25519, OpenSSH) with \`pulumi config set --secret --path 'oci:hostKeys.<guest>'\`.
  # Credentials are those of a profile in ~/.oci/config, or all three of oci:caller, oci:fingerprint and the secret
  # oci:privateKey (PEM).
  oci:profile: DEFAULT

  # The tenancy that the caller must be of (oci os ns get tells its namespace), and the compartment for everything.
  oci:tenancy:
    id: "replace me: ocid1.tenancy.oc1..…"
    name: "replace me: the tenancy's name"
    namespace: "replace me: the tenancy's object storage namespace"
  oci:compartment:
    id: "replace me: ocid1.compartment.oc1..…"
    name: "replace me: the compartment's name"
  oci:region: "replace me: eu-frankfurt-1"
  # With the prefix that each tenancy's names begin with (oci iam availability-domain list).
  oci:domain: "replace me: Uocm:EU-FRANKFURT-1-AD-1"
  oci:faultDomain: FAULT-DOMAIN-1
  # What resources are called in the console, before their logical names.
  oci:prefix: "replace me: routerd-release"
  # One that exists already is adopted, never replaced and never removed: adopt: { vcn: ocid1.vcn…, gateway: ocid1.internetgateway… }
  oci:network: { cidr: 10.91.0.0/16, subnet: 10.91.1.0/24 }
  # The image by its OCID, and what it must be.
  oci:image:
    id: "replace me: ocid1.image.oc1.<region>.…"
    name: "replace me: Canonical-Ubuntu-24.04-<date>-0"
    system: Canonical Ubuntu
    version: "24.04"
  oci:shape: { name: VM.Standard.E4.Flex, ocpus: 1, memory: 8 }
  # GB
  oci:disk: 50
  # The image's own account; its key is the public half of substrate:sshKey.
  oci:user: ubuntu
  # Guests by logical name, each with a fixed address in the subnet; OCI keeps the first two and the last one.
  oci:guests:
    router1: { role: router, address: 10.91.1.11 }
    client1: { role: client, address: 10.91.1.21 }
  # Roles whose guests pass packets on.
  oci:forwarding: [router]
  # What may come in, at the subnet and in the guests' own packet filters; everything else is shut. inside: the subnet.
  oci:ingress:
    - { about: ssh from the certifier, protocol: tcp, port: 22, from: ["replace me: 198.51.100.0/24"] }
    - { about: wireguard, protocol: udp, port: 51820, from: [0.0.0.0/0] }
    - { about: ping, protocol: icmp, from: [0.0.0.0/0] }
    - { about: everything inside, protocol: any, from: inside }
  # What the policies allow at most, so that a slip of the pen is no bill; memory and disk in GB.
  oci:ceiling: { shapes: [VM.Standard.E4.Flex], machines: 2, cores: 2, memory: 16, disk: 100, addresses: 2 }
  # Where every guest answers probes.
  oci:responders: { udp: [51820], tcp: [5201] }
  # Who must reach whom, by which address; works: false for what must not.
  oci:flows:
    - { from: client1, to: router1, protocol: icmp }
    - { from: client1, to: router1, protocol: udp, port: 51820 }
    - { from: router1, to: client1, protocol: tcp, port: 5201 }
    - { from: client1, to: router1, at: public, protocol: tcp, port: 22, works: false }
`;
