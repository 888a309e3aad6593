#!/bin/sh
# Installs what coincell needs to build and run on Debian 12, with apt. Does nothing when all of it
# is there. Asks for sudo only when it is not root.
#   sh cli/setup.sh          what the program needs
#   sh cli/setup.sh tests    and what its tests need
set -eu

packages="gcc libc6-dev cmake ninja-build pkg-config gcc-arm-none-eabi
libunicorn-dev libcapstone-dev libsqlite3-dev libcyaml-dev libyaml-dev libjansson-dev libelf-dev libmd-dev"
if [ "${1:-}" = tests ]; then
    packages="$packages libcmocka-dev clang libclang-rt-14-dev"
fi

missing=""
for package in $packages; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "coincell: installing with apt:$missing" >&2
sudo=""
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "coincell: cli/setup.sh: not root and no sudo; as root run: apt-get install$missing" >&2
        exit 1
    }
    sudo="sudo"
fi
$sudo apt-get update -qq
# shellcheck disable=SC2086  # one word per package
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    $missing >/dev/null
