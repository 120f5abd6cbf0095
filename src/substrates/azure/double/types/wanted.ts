// What a virtual machine is asked to be.
import { z } from "zod";
import { placed } from "./common.ts";

/** The inputs of a virtual machine, as far as the lab makes any. */
export const machineInputs = z.object({
  ...placed,
  vmName: z.string().max(64),
  zones: z.array(z.string()).max(1).optional(),
  hardwareProfile: z.object({ vmSize: z.string() }),
  storageProfile: z.object({
    imageReference: z.object({
      publisher: z.string(),
      offer: z.string(),
      sku: z.string(),
      version: z.string(),
    }),
    osDisk: z.object({
      name: z.string().max(80),
      createOption: z.literal("FromImage"),
      deleteOption: z.enum(["Delete", "Detach"]).optional(),
      diskSizeGB: z.number().int().min(30),
      managedDisk: z.object({ storageAccountType: z.string() }),
    }),
  }),
  osProfile: z.object({
    computerName: z.string().max(64),
    adminUsername: z.string(),
    customData: z.base64().max(87_380).optional(),
    linuxConfiguration: z.object({
      disablePasswordAuthentication: z.literal(true),
      provisionVMAgent: z.literal(true).optional(),
      ssh: z.object({ publicKeys: z.array(z.object({ path: z.string(), keyData: z.string() })).min(1) }),
    }),
  }),
  networkProfile: z.object({
    networkInterfaces: z
      .array(
        z.object({
          id: z.string(),
          primary: z.boolean().optional(),
          deleteOption: z.enum(["Delete", "Detach"]).optional(),
        }),
      )
      .min(1),
  }),
  userData: z.base64().max(87_380).optional(),
});

/** What a program asks for. */
export type MachineInputs = z.output<typeof machineInputs>;
