// The fixed script that runs a batch of probes on an endpoint, and how a batch is written for it.
import type { Probe } from "./transport.ts";

/** Bytes of stdout and of stderr that a probe may give; one byte more is sent, so that a cut is seen. */
export const outputBound = 65_536;

/**
 * POSIX sh; needs `timeout`, `base64` and `head`, writes no file. Reads {@link encodeBatch} from stdin, and works through
 * its queues side by side: the probes of one queue one after the other. Prints what `frames.ts` decodes: lines
 * `<nonce> <id> <part>`, a part being `r<exit code>`, `o<base64>`, `e<base64>` or `.` (complete).
 *
 * - Lines stay whole although probes print at the same time: each is one printf of less than PIPE_BUF into the pipe
 *   to `cat` (POSIX write(): such writes to a pipe are atomic).
 * - Inside `capture` the order is exit code, stdout, stderr: each command substitution ends when all that stands
 *   inside of it has ended. A probe that overruns its bound gets SIGPIPE.
 * - BusyBox's `timeout` lets the signal show (143) where others say 124.
 *
 * It contains no single quote, so that any login shell can pass it on.
 */
export const driverScript = `set -f
break="
"
space=" $break"
LC_ALL=C
export LC_ALL
IFS= read -r nonce || exit
for tool in timeout base64 head cat; do
  command -v $tool >/dev/null || { printf "\\n%s lacks %s\\n" "$nonce" $tool; exit; }
done
expired=143
timeout --version >/dev/null 2>&1 && expired=124
bounded() { head -c ${outputBound + 1} | base64; }
limited() {
  timeout -k 1 "$@"
  code=$?
  [ $code -ne $expired ] || code=124
  return $code
}
capture() {
  {
    err=$(
      {
        out=$({ limited "$@" </dev/null 2>&4 4>&- 8>&-; printf "r%s\\n" $? >&8; } | bounded)
        printf "o%s\\n" $out >&8
      } 4>&1 >/dev/null | bounded
    )
    printf "e%s\\n" $err
  } 8>&1
}
probe() {
  id=$1
  shift
  for word do
    shift
    case $word in
      +*) word=$(printf "%b_" "\${word#+}"); word=\${word%_} ;;
      *) word=\${word#=} ;;
    esac
    set -- "$@" "$word"
  done
  for part in $(capture "$@") .; do printf "%s %s %s\\n" "$nonce" "$id" "$part"; done
}
queue() {
  IFS=$break
  for line in $1; do IFS=$space; probe $line; done
}
{
  printf "\\n%s begin\\n" "$nonce"
  probes=
  while IFS= read -r line && [ "$line" != end ]; do
    case $line in
      "") queue "$probes" & probes= ;;
      *) probes=$probes$line$break ;;
    esac
  done
  wait
  printf "%s end\\n" "$nonce"
} 2>/dev/null | cat
`;

/**
 * How the driver is started; nothing of the caller's environment comes along. SHLVL: where sh is a bash, a first
 * level on a socket would read ~/.bashrc (bash(1), INVOCATION, "remote shell daemon").
 */
export const driverArgv: readonly [string, ...string[]] = [
  "/usr/bin/env",
  "-i",
  "SHLVL=1",
  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  "/bin/sh",
  "-c",
  driverScript,
];

/** The same as one line for a login shell, which may be any that knows single quotes. */
export const driverCommand = `exec ${driverArgv.map((word) => `'${word}'`).join(" ")}`;

/**
 * So many probes of a batch at once: each is some fourteen processes, and guests may be small. A lost flow takes nine
 * seconds at most, so that 800 of them still fit into the two minutes that a batch is given.
 */
const queues = 64;

/** The probes of each queue. */
function queuesOf(probes: readonly Probe[]): readonly (readonly Probe[])[] {
  return [...Map.groupBy(probes, (_, index) => index % queues).values()];
}

/** Seconds that a batch can at most take in the guest: the driver kills a probe a second after its timeout. */
export function longestOf(probes: readonly Probe[]): number {
  const each = queuesOf(probes).map((queue) => queue.reduce((sum, { timeout }) => sum + timeout + 1, 0));
  return Math.max(0, ...each);
}

/**
 * Writes a batch for the driver's stdin: the nonce, for each queue its probes, a line `<id> <seconds> <word>…` each, and
 * an empty line; `end`.
 * A word is `=` and itself, or `+` and itself with every unsafe byte as `\0ooo`.
 * @param nonce marks the driver's own lines; at least 16 of `0-9a-f` that the endpoint can not guess
 * @throws TypeError for a batch that no driver could run
 */
export function encodeBatch(probes: readonly Probe[], nonce: string): string {
  const ids = new Set(probes.map(({ id }) => id));
  if (ids.size !== probes.length) throw new TypeError("two probes of one batch have the same id");
  const lines = queuesOf(probes).flatMap((queue) => [...queue.map(encodeProbe), ""]);
  return `${[nonce, ...lines, "end"].join("\n")}\n`;
}

function encodeProbe({ id, argv, timeout }: Probe): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$/.test(id))
    throw new TypeError(`${JSON.stringify(id)} can not be a probe's id`);
  if (!Number.isSafeInteger(timeout) || timeout < 1)
    throw new TypeError(`${id}: the timeout must be whole seconds`);
  return [id, timeout, ...argv.map(encodeWord)].join(" ");
}

function encodeWord(word: string): string {
  if (word.includes("\0")) throw new TypeError("an argument can not contain NUL");
  if (/^[A-Za-z0-9_./:=@%,+-]*$/.test(word)) return `=${word}`;
  const octal = [...Buffer.from(word)].map((byte) => `\\0${byte.toString(8).padStart(3, "0")}`);
  return `+${octal.join("")}`;
}
