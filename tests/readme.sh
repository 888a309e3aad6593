#!/bin/sh
# The session shown in README.md is what the program prints: runs it and compares, apart from the
# date.
#   sh tests/readme.sh PROGRAM            compare
#   sh tests/readme.sh PROGRAM update     put the new output into README.md
set -eu
program=$(realpath "$1")
readme=$(cd "$(dirname "$0")/.." && pwd)/README.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

shown='$ coincell run kws --mcu stm32l4r5'
(cd "$work" && LC_ALL=C.UTF-8 COLUMNS=80 "$program" run kws --mcu stm32l4r5 --db coincell.db) |
    sed 's/[[:space:]]*$//' >"$work/new"
# The block: from the line after the command to the closing fence.
awk -v shown="$shown" '$0 == "```" { inside = 0 } inside { print } $0 == shown { inside = 1 }' \
    "$readme" >"$work/old"
same_date='1s/[0-9-]*T[0-9:]*Z/DATE/'
sed "$same_date" "$work/old" >"$work/old.plain"
sed "$same_date" "$work/new" >"$work/new.plain"

if cmp -s "$work/old.plain" "$work/new.plain"; then
    echo "README session is up to date"
elif [ "${2:-}" = update ]; then
    awk -v shown="$shown" -v file="$work/new" '
        $0 == "```" { inside = 0 }
        !inside { print }
        $0 == shown { inside = 1; while ((getline line < file) > 0) print line }' \
        "$readme" >"$work/readme"
    cat "$work/readme" >"$readme"
    echo "README session updated"
else
    diff "$work/old.plain" "$work/new.plain" || true
    echo "README shows another output; run: sh tests/readme.sh $program update" >&2
    exit 1
fi
