#!/bin/sh
# Sets up, builds and passes all tests: release build with gcc, the same tests under
# AddressSanitizer and UBSan, a clang build with warnings as errors and a short fuzzing run.
#   sh tests/run.sh          everything
#   sh tests/run.sh quick    the release build's tests only
set -eu
cd "$(dirname "$0")/.."
sh cli/setup.sh tests

suite() {
    echo "== tests of the $1 build"
    # A build configured before the test libraries were installed has no tests.
    [ -f "build/$1/tests/CTestTestfile.cmake" ] || rm -f "build/$1/build.ninja"
    sh cli/build.sh "$1"
    ctest --test-dir "build/$1" --output-on-failure --no-tests=error -j 2
}

suite release
[ "${1:-}" != quick ] || exit 0

echo "== warnings of clang"
sh cli/build.sh clang

echo "== fuzzing the .tflite reader"
sh cli/build.sh fuzz
sh tests/fuzz.sh 30

suite asan-ubsan
