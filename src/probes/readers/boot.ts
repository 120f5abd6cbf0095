// Which boot of its kernel an endpoint is in.
import { Unreadable } from "../../check/unreadable.ts";
import type { Question } from "../transport.ts";

/** A UUID that the kernel makes up at each boot: proc_sys_kernel(5), random/boot_id. */
export const bootQuestion: Question<string> = {
  probe: { id: "boot", argv: ["cat", "/proc/sys/kernel/random/boot_id"], timeout: 5 },
  read: ({ exit, stdout }) => {
    const boot = stdout.trim();
    if (exit !== 0 || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(boot))
      throw new Unreadable("unparsable", "boot");
    return boot;
  },
};
