#!/bin/sh
# Fuzzes the .tflite reader with libFuzzer for SECONDS (default 60), starting from the golden models
# when they are there. Needs the fuzz preset built: sh cli/build.sh fuzz
#   sh tests/fuzz.sh [SECONDS]
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
corpus=build/fuzz/corpus
mkdir -p "$corpus"
seeds=""
if [ -d ../shared/models ]; then
    mkdir -p build/fuzz/seeds
    find ../shared/models -name '*.tflite' -size -40k -exec cp {} build/fuzz/seeds/ \;
    seeds=build/fuzz/seeds
fi
log=build/fuzz/fuzz.log
# shellcheck disable=SC2086  # no folder at all when there are no seeds
if ! build/fuzz/tests/fuzz_tflite -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 \
    -artifact_prefix=build/fuzz/ "$corpus" $seeds >"$log" 2>&1; then
    tail -n 60 "$log"
    echo "fuzzing failed; the input is kept in build/fuzz" >&2
    exit 1
fi
grep '^Done' "$log"
