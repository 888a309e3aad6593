#!/bin/sh
# From a fresh checkout to a battery life: installs what is missing, builds, and runs the keyword
# spotter of the built-in models on an emulated STM32L4R5.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
sh "$root/cli/setup.sh"
sh "$root/cli/build.sh" release coincell
exec "$root/build/release/coincell" run kws --mcu stm32l4r5
