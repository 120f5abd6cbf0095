// What a new environment's AWS stack config begins as; the parser refuses it until nobody's "replace me" is left.

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
  # its host key (ed25519, OpenSSH) with \`pulumi config set --secret --path 'aws:hostKeys.<guest>'\`.
  # Credentials come from the environment, shared files or a role, as for any program that uses AWS.

  # The account that everything must be in, and what the caller's ARN must begin with.
  aws:account: "replace me: 12 digits"
  # aws:caller: arn:aws:sts::<account>:assumed-role/<role>/
  aws:region: "replace me: eu-central-1"
  # Names of zones are each account's own: the id says which one is meant (aws ec2 describe-availability-zones).
  aws:zone: { name: "replace me: eu-central-1a", id: "replace me: euc1-az2" }
  # What resources are called in the console, before their logical names; unique in the region.
  aws:prefix: "replace me: routerd-release"
  # One that exists already is adopted, never replaced and never removed: adopt: { vpc: vpc-…, gateway: igw-… }
  aws:network: { cidr: 10.90.0.0/16, subnet: 10.90.1.0/24 }
  # The image by its id, and what it must be.
  aws:image:
    id: "replace me: ami-…"
    name: "replace me: ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-<date>"
    owner: "099720109477"
    architecture: x86_64
  aws:shape: t3.small
  # GiB
  aws:disk: 8
  # The image's own account; its key is the public half of substrate:sshKey.
  aws:user: ubuntu
  # Guests by logical name, each with a fixed address in the subnet; EC2 keeps the first four and the last one.
  aws:guests:
    router1: { role: router, address: 10.90.1.11 }
    client1: { role: client, address: 10.90.1.21 }
  # Roles whose guests pass packets on.
  aws:forwarding: [router]
  # What may come in; everything else is shut. inside: whoever is under the same rules.
  aws:ingress:
    - { about: ssh from the certifier, protocol: tcp, port: 22, from: ["replace me: 198.51.100.0/24"] }
    - { about: wireguard, protocol: udp, port: 51820, from: [0.0.0.0/0] }
    - { about: ping, protocol: icmp, from: [0.0.0.0/0] }
    - { about: everything inside, protocol: any, from: inside }
  # What the policies allow at most, so that a slip of the pen is no bill; disk in GiB.
  aws:ceiling: { shapes: [t3.small], machines: 2, disk: 16, addresses: 2 }
  # Where every guest answers probes.
  aws:responders: { udp: [51820], tcp: [5201] }
  # Who must reach whom, by which address; works: false for what must not. An end on another substrate of this
  # environment: { from: router1, to: <substrate>/<endpoint>, at: public, … }, and the same back; docs/clouds.md.
  aws:flows:
    - { from: client1, to: router1, protocol: icmp }
    - { from: client1, to: router1, protocol: udp, port: 51820 }
    - { from: router1, to: client1, protocol: tcp, port: 5201 }
    - { from: client1, to: router1, at: public, protocol: tcp, port: 22, works: false }
`;
