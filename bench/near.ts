// The certifier's side of the mesh, in a process of its own.
import { getEachMessage, sendMessage } from "execa";
import { order } from "./sides.ts";
import { spent, timed } from "./time.ts";
import { carryOut } from "./work.ts";

for await (const heard of getEachMessage()) {
  const asked = order.parse(heard);
  const before = spent();
  const ms = await timed(() => carryOut(asked));
  // maxRSS: kibibytes, the most that this process ever had.
  await sendMessage({ ms, cpu: spent() - before, peak: process.resourceUsage().maxRSS * 1_024 });
}
