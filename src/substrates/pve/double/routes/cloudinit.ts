// Routes about what a config drive is made from.
import { z } from "zod";
import { vmOf } from "../cluster.ts";
import { renderFiles } from "../render.ts";
import { route, whole } from "../route.ts";

const files = { user: "user-data", network: "network-config", meta: "meta-data" } as const;

export const cloudInitRoutes = [
  route("GET /nodes/{node}/qemu/{vmid}/cloudinit/dump", {
    model: z.strictObject({ node: z.string(), vmid: whole, type: z.enum(["user", "network", "meta"]) }),
    needs: { on: "/vms/{vmid}", all: ["VM.Audit"] },
    run: ({ type, ...place }, { cluster }) => renderFiles(vmOf(cluster, place).config)[files[type]],
  }),
];
