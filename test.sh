#!/usr/bin/env bash
# Installs what is missing, builds everything, and runs the test suite.
#
#   ./test.sh           all tests
#   ./test.sh -L ui     arguments go to ctest: here only the tests labelled ui
#   ./test.sh --interop also the tests against other programs' packages, which it installs into
#                       .cache/interop-venv; where that fails they are skipped
#
# The last line is "N passed, N failed, N skipped"; the exit code is 0 only if nothing failed.
set -euo pipefail

source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/scripts/install.sh"

withInterop=0
if [ "${1:-}" = --interop ]; then
    withInterop=1
    shift
fi

samba_lock
samba_install
if [ "$withInterop" = 1 ]; then
    "$SAMBA_ROOT/tests/interop/run.sh" --install || true
fi
# shellcheck disable=SC2119 # all targets
samba_build

results="$SAMBA_BUILD/test-results.xml"
rm -f "$results"
status=0
# The size limits are those of the results, whose last lines hold the counts.
ctest --test-dir "$SAMBA_BUILD" -j 2 --output-on-failure --no-tests=error \
    --output-junit "$results" --test-output-size-passed 100000000 \
    --test-output-size-failed 100000000 "$@" || status=$?
python3 "$SAMBA_ROOT/scripts/count_tests.py" "$results" || status=$?
exit "$status"
