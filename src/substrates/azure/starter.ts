// What a new environment's Azure stack config begins as; the parser refuses it until nobody's "replace me" is left.

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
  # its host key (ed25519, OpenSSH) with \`pulumi config set --secret --path 'azure:hostKeys.<guest>'\`.
  # Credentials come from ARM_* variables, \`az login\` or a managed identity, as for any program that uses Pulumi's
  # Azure provider; or a service principal's azure:clientId and, with --secret, azure:clientSecret.

  # Where everything must be (az account show), and, if only one may act, the object id of who it is.
  azure:tenant: "replace me: 00001111-aaaa-2222-bbbb-3333cccc4444"
  azure:subscription: "replace me: 00001111-aaaa-2222-bbbb-3333cccc4444"
  # azure:principal: 00001111-aaaa-2222-bbbb-3333cccc4444
  azure:location: "replace me: westeurope"
  # Guests and their public addresses in one availability zone; without it wherever Azure puts them.
  # azure:zone: "1"
  # What resources are called, before their logical names; the resource group is <prefix>-group.
  azure:prefix: "replace me: routerd-release"
  # A virtual network that exists already is adopted, never replaced and never removed: adopt: /subscriptions/…/virtualNetworks/<name>
  azure:network: { cidr: 10.91.0.0/16, subnet: 10.91.1.0/24 }
  # The marketplace image, pinned (az vm image list --all -p Canonical -f ubuntu-24_04-lts -s server).
  azure:image:
    publisher: Canonical
    offer: ubuntu-24_04-lts
    sku: server
    version: "replace me: 24.04.202510220"
    generation: V2
    architecture: x64
  azure:shape: Standard_B2s
  # GiB
  azure:disk: 30
  azure:diskType: StandardSSD_LRS
  # The account that Azure makes; its key is the public half of substrate:sshKey.
  azure:user: ubuntu
  # Guests by logical name, each with a fixed address in the subnet; Azure keeps the first four and the last one.
  azure:guests:
    router1: { role: router, address: 10.91.1.11 }
    client1: { role: client, address: 10.91.1.21 }
  # Roles whose guests pass packets on.
  azure:forwarding: [router]
  # What may come in; everything else is shut. inside: the subnet.
  azure:ingress:
    - { about: ssh from the certifier, protocol: tcp, port: 22, from: ["replace me: 198.51.100.0/24"] }
    - { about: wireguard, protocol: udp, port: 51820, from: [0.0.0.0/0] }
    - { about: ping, protocol: icmp, from: [0.0.0.0/0] }
    - { about: everything inside, protocol: any, from: inside }
  # What the policies allow at most, so that a slip of the pen is no bill; disk in GiB.
  azure:ceiling: { shapes: [Standard_B2s], machines: 2, disk: 60, addresses: 2 }
  # Where every guest answers probes.
  azure:responders: { udp: [51820], tcp: [5201] }
  # Who must reach whom, by which address; works: false for what must not.
  azure:flows:
    - { from: client1, to: router1, protocol: icmp }
    - { from: client1, to: router1, protocol: udp, port: 51820 }
    - { from: router1, to: client1, protocol: tcp, port: 5201 }
    - { from: client1, to: router1, at: public, protocol: tcp, port: 22, works: false }
`;
