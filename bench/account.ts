// Loaded into every Node process of a command that is measured: at its end it writes down what it has needed.
import { appendFileSync } from "node:fs";

const file = process.env.BENCH_ACCOUNT ?? "/dev/null";

process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const cpu = (userCPUTime + systemCPUTime) / 1_000;
  appendFileSync(file, `${JSON.stringify({ script: process.argv[1] ?? "", cpu, peak: maxRSS * 1_024 })}\n`);
});
