#!/bin/sh
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd) && PATH="$root/node_modules/.bin:$PATH"
exec node "$root/src/cli/smoke.ts" "$@"
