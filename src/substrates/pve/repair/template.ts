// Our own template set as declared, for what the engine does not take away.
import { say } from "../../../check/outcome.ts";
import { ByHand, type Mended } from "../../substrate.ts";
import type { Api } from "../api.ts";
import { pathOf } from "../checks/machines.ts";
import type { PveConfig } from "../config.ts";
import { surplusDrives, surplusPorts } from "../deviation.ts";
import { vmConfig } from "../models.ts";
import { carryOut } from "../task.ts";

/**
 * Removes serial ports and CD drives that nobody declared; none where there are none. A disk may hold somebody's data.
 * @throws ByHand where its disk has grown, or it has another
 */
export async function mendTemplate(
  { template }: PveConfig,
  api: Api,
  signal: AbortSignal,
): Promise<Mended | undefined> {
  const found = await api.get(`${pathOf(template)}/config`, vmConfig, signal);
  const [, size] = /(?:^|,)size=(\d+)G(?:,|$)/.exec(String(found.scsi0)) ?? [];
  if (Number(size ?? 0) > template.disk)
    throw new ByHand(
      `its disk has grown to ${size} GiB, and no disk shrinks: say so in pve:template of the stack config, or have it ` +
        "made anew with all guests: npx pulumi up --refresh -s <the stack> --target-replace '**::template' --target-dependents",
    );
  const ports = surplusPorts(found);
  const isCd = (key: string) => /(^|,)media=cdrom(,|$)/.test(String(found[key]));
  const drives = surplusDrives(found);
  const disks = drives.filter((key) => !isCd(key));
  if (disks.length > 0)
    throw new ByHand(
      `it has disks that nobody declared, ${disks.join(", ")}, which may hold somebody's data: take them away on its node ` +
        "with `qm set <its number> --delete <disk>`, or have it adopted as it is by pve:template of the stack config",
    );
  if (ports.length + drives.length === 0) return undefined;
  await carryOut(api, `PUT ${pathOf(template)}/config`, signal, { delete: [...ports, ...drives].join(",") });
  return { action: say`removed ${ports.length} serial ports, ${drives.length} CD drives`, renewed: [] };
}
