#!/bin/sh
# Configures (once) and builds one preset of CMakePresets.json; quiet when there is nothing to do.
#   sh cli/build.sh PRESET [TARGET...]
set -eu
cd "$(dirname "$0")/.."
preset=${1:-release}
[ $# -eq 0 ] || shift
log="build/$preset.log"
mkdir -p build
if [ ! -f "build/$preset/build.ninja" ]; then
    echo "coincell: configuring build/$preset" >&2
    cmake --preset "$preset" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
fi
if ninja -C "build/$preset" -n "$@" 2>/dev/null | grep -Eq 'Building|Firmware'; then
    echo "coincell: building build/$preset" >&2
fi
ninja -C "build/$preset" "$@" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
