#!/bin/sh
# The sessions shown in README.md are what the program prints: runs every `$ coincell ...` that is
# followed by output, one after the other, and compares, apart from the date.
#   sh tests/readme.sh PROGRAM            compare
#   sh tests/readme.sh PROGRAM update     put the new output into README.md
set -eu
program=$(realpath "$1")
readme=$(cd "$(dirname "$0")/.." && pwd)/README.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$program" "$work/bin/coincell"
unset COINCELL_DB

awk 'command != "" && $0 != "```" { print substr(command, 3) }
     { command = /^\$ coincell / ? $0 : "" }' "$readme" >"$work/commands"
n=0
while IFS= read -r command; do
    n=$((n + 1))
    (cd "$work" && PATH="$work/bin:$PATH" LC_ALL=C.UTF-8 sh -c "$command" </dev/null) |
        sed 's/[[:space:]]*$//' >"$work/output.$n"
done <"$work/commands"

# Each output replaces the lines from behind its command to the closing fence.
awk -v work="$work" '
    BEGIN { commands = work "/commands"; getline next_command < commands; n = 1 }
    inside && $0 == "```" { inside = 0 }
    !inside { print }
    $0 == "$ " next_command {
        inside = 1
        while ((getline line < (work "/output." n)) > 0) print line
        n++
        next_command = ""
        getline next_command < commands
    }' "$readme" >"$work/readme"
same_date='s/[0-9-]*T[0-9:]*Z$/DATE/'
sed "$same_date" "$readme" >"$work/old.plain"
sed "$same_date" "$work/readme" >"$work/new.plain"

if cmp -s "$work/old.plain" "$work/new.plain"; then
    echo "README sessions are up to date"
elif [ "${2:-}" = update ]; then
    cat "$work/readme" >"$readme"
    echo "README sessions updated"
else
    diff "$work/old.plain" "$work/new.plain" || true
    echo "README shows another output; run: sh tests/readme.sh $program update" >&2
    exit 1
fi
