#!/bin/sh
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P) && PATH="$root/node_modules/.bin:$PATH"
# Compiled code is kept where not everybody may write: it is run. Without it starting takes twice as long.
export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$root/node_modules/.cache/compiled}"
# A gate is asked often and is over at once: one helper thread, and no question whether each module's path is a link.
exec node --v8-pool-size=1 --preserve-symlinks --import "$root/src/cli/lean.ts" "$root/src/cli/preflight.ts" "$@"
