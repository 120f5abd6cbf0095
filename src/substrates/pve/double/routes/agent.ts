// Routes through the guest agent; none of them changes anything.
import { z } from "zod";
import { hostName, info, networkInterfaces, ping, readFile } from "../agent.ts";
import { vmOf } from "../cluster.ts";
import { exec, execStatus } from "../exec.ts";
import { list, route, whole } from "../route.ts";

const vm = z.strictObject({ node: z.string(), vmid: whole });
const needs = { on: "/vms/{vmid}", any: ["VM.GuestAgent.Audit", "VM.GuestAgent.Unrestricted"] } as const;
const unrestricted = { on: "/vms/{vmid}", all: ["VM.GuestAgent.Unrestricted"] } as const;

export const agentRoutes = [
  route("POST /nodes/{node}/qemu/{vmid}/agent/ping", {
    model: vm,
    needs,
    writes: false,
    run: (place, { cluster }) => ({ result: ping(cluster, vmOf(cluster, place)) }),
  }),
  route("GET /nodes/{node}/qemu/{vmid}/agent/info", {
    model: vm,
    needs,
    run: (place, { cluster }) => ({ result: info(cluster, vmOf(cluster, place)) }),
  }),
  route("GET /nodes/{node}/qemu/{vmid}/agent/get-host-name", {
    model: vm,
    needs,
    run: (place, { cluster }) => ({ result: hostName(cluster, vmOf(cluster, place)) }),
  }),
  route("GET /nodes/{node}/qemu/{vmid}/agent/network-get-interfaces", {
    model: vm,
    needs,
    run: (place, { cluster }) => ({ result: networkInterfaces(cluster, vmOf(cluster, place)) }),
  }),
  route("GET /nodes/{node}/qemu/{vmid}/agent/file-read", {
    model: vm.extend({ file: z.string().startsWith("/") }),
    needs: { on: "/vms/{vmid}", any: ["VM.GuestAgent.FileRead", "VM.GuestAgent.Unrestricted"] },
    run: ({ file, ...place }, { cluster }) => readFile(cluster, vmOf(cluster, place), file),
  }),
  route("POST /nodes/{node}/qemu/{vmid}/agent/exec", {
    model: vm.extend({ command: list }),
    needs: unrestricted,
    writes: false,
    run: ({ command, ...place }, { cluster }) => exec(cluster, vmOf(cluster, place), command),
  }),
  route("GET /nodes/{node}/qemu/{vmid}/agent/exec-status", {
    model: vm.extend({ pid: whole }),
    needs: unrestricted,
    run: ({ pid, ...place }, { cluster }) => execStatus(cluster, vmOf(cluster, place), pid),
  }),
];
