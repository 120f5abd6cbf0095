// What a new environment's PVE stack config begins as; the parser refuses it until nobody's "replace me" is left.

/** Commented YAML of the smallest substrate that can be certified: two guests on one bridge. */
export const starter = `config:
  # The topology that the release needs; --topology must equal it.
  substrate:topology: "replace me: a logical name such as sam-full"
  # From switching a guest on to its answering, and for one SSH connection.
  substrate:bootDeadline: 5m
  substrate:connectTimeout: 10s
  # Secrets never stand here in plain text: set pve:token and substrate:sshKey with \`pulumi config set --secret\`.
  # Where guests are behind a bastion, with its pinned host key:
  # substrate:jump: { host: bastion.example.test, port: 22, user: certifier, hostKey: ssh-ed25519 AAAA… }

  # The API, and the SHA-256 of its certificate as the node's web interface shows it; pve:ca where its authority is your own.
  pve:endpoint: "replace me: https://<host>:8006/"
  pve:fingerprint: "replace me: AA:BB:… (32 bytes)"
  # pve:ca: |
  #   -----BEGIN CERTIFICATE-----
  # Releases that count as healthy: from (inclusive) to before (exclusive).
  pve:versions: { from: "8.2", before: "10.0" }
  # Every node of the cluster; one more or one less is a failed certification.
  pve:nodes: ["replace me: a node's name"]
  # A login on every node that only reads: what a bridge really does only its kernel knows. The key is the guests' own. Without
  # it, guests that must not see each other have to show it: pve:isolated.
  pve:nodeAccess:
    user: certifier
    hosts:
      "replace me: a node's name": { host: "replace me: the node's address", hostKey: "replace me: ssh-ed25519 AAAA…" }
  # Bridges by logical name. One that exists already is adopted, never replaced and never removed: adopt: "<node>:<iface>"
  pve:bridges:
    fabric-a:
      node: "replace me: a node's name"
      iface: vmbr1
      ports: ["replace me: a network port such as eno2"]
      vids: "2-4094"
      comment: routerd release substrate
  # Where VM disks and config drives are kept.
  pve:datastore: local-lvm
  # The image that guests are made from, by its digest. Not needed where the template exists already and is adopted:
  # pve:template: { node: …, vmId: 9000, iface: vmbr0, disk: 8, adopt: "<node>/<vmId>" }
  pve:image:
    node: "replace me: a node's name"
    datastore: local
    file: noble-server-cloudimg-amd64.qcow2
    url: "replace me: https://<mirror>/noble-server-cloudimg-amd64.img"
    sha256: "replace me: the image's SHA-256, 64 hex digits"
    size: "replace me: the image's size in bytes"
  pve:template: { node: "replace me: a node's name", vmId: 9000, iface: vmbr0, cores: 1, memory: 1024, disk: 8 }
  # A pool for all of our VMs, which rights can be given on; adopt: "<id>" where it exists already.
  # pve:pool: { id: routerd }
  # The login name in every guest; the key that it accepts is the public half of substrate:sshKey.
  pve:user: routerd
  pve:domain: "replace me: a domain such as lab.example.test"
  pve:nameservers: ["replace me: an IPv4 address"]
  # Guests by logical name; a guest's first interface is where it is reached over SSH.
  pve:guests:
    client1:
      role: client
      node: "replace me: a node's name"
      vmId: 9101
      nics:
        - { bridge: fabric-a, vlan: 99, address: "replace me: 10.0.99.11/24", firewall: true }
        - { bridge: fabric-a, vlan: 120, address: 10.0.120.11/24 }
    client2:
      role: client
      node: "replace me: a node's name"
      vmId: 9102
      nics:
        - { bridge: fabric-a, vlan: 99, address: "replace me: 10.0.99.12/24", firewall: true }
        - { bridge: fabric-a, vlan: 120, address: 10.0.120.12/24 }
  # Before every guest, in order.
  pve:firewall:
    input: DROP
    rules:
      - { action: ACCEPT, proto: tcp, dport: "22", source: "replace me: 10.0.99.0/24", comment: ssh from management }
      - { action: ACCEPT, proto: icmp, comment: ping }
  # What the policies allow at most, so that a slip of the pen is no bill; memory in MiB, disk in GiB with the template's.
  pve:ceiling: { machines: 2, cores: 2, memory: 2048, disk: 24 }
  # Guests that clouds reach over the internet, by the public address that the site has for each; docs/clouds.md.
  # pve:edges: { edge1: 192.0.2.77 }
  # Who must reach whom, by ping; via: which of the target's interfaces (0 is management).
  pve:flows:
    - { from: client1, to: client2, via: 1 }
    - { from: client2, to: client1, via: 1 }
`;
