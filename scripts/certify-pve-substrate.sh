#!/bin/sh
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P) && PATH="$root/node_modules/.bin:$PATH"
# Compiled code is kept where not everybody may write: it is run. Without it starting takes twice as long.
export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$root/node_modules/.cache/compiled}"
exec node --preserve-symlinks --import "$root/src/cli/lean.ts" "$root/src/cli/certify.ts" certify-pve-substrate.sh "$@"
