// The id by which cloud-init knows a virtual machine.

/**
 * The machine's own id, as its firmware tells it: that of generation 1 has the first three parts in the other byte order
 * (canonical/cloud-init, sources/azure/identity.py).
 */
export function instanceIdOf(vmId: string, generation: "V1" | "V2"): string {
  const id = vmId.toLowerCase();
  if (generation === "V2") return id;
  return id
    .split("-")
    .map((part, index) => (index < 3 ? swapped(part) : part))
    .join("-");
}

function swapped(hex: string): string {
  return (hex.match(/../g) ?? []).toReversed().join("");
}
