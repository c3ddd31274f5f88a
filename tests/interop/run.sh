#!/usr/bin/env bash
# Tests against the real packages of others: each test_*.py here, with the interpreter of a virtual
# environment in .cache/interop-venv.
#
#   tests/interop/run.sh SAMBA_CLI             runs the tests whose packages are there
#   tests/interop/run.sh --install             installs the packages (test.sh --interop does it)
#
# Prints a line a test file; the exit code is 77 (skipped) if no file could run.
set -euo pipefail

here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
root="$(dirname "$(dirname "$here")")"
venv="$root/.cache/interop-venv"
stamp="$venv/installed"

if [ "${1:-}" = --install ]; then
    # The stamp holds the list: another list is another installation.
    if [ -f "$stamp" ] && cmp -s "$here/requirements.txt" "$stamp"; then
        exit 0
    fi
    printf 'Installing the packages of tests/interop into .cache/interop-venv ...\n' >&2
    log="$root/.cache/logs/interop.log"
    mkdir -p "$(dirname "$log")"
    if ! { [ -x "$venv/bin/python" ] || python3 -m venv "$venv"; } >"$log" 2>&1 </dev/null ||
        ! "$venv/bin/python" -m pip install --no-input --disable-pip-version-check \
            --progress-bar off -r "$here/requirements.txt" >>"$log" 2>&1 </dev/null; then
        tail -n 5 "$log" >&2
        printf 'The packages could not be installed; their tests will be skipped (%s).\n' \
            "$log" >&2
        exit 1
    fi
    cp "$here/requirements.txt" "$stamp"
    exit 0
fi

[ $# -eq 1 ] || { sed -n '2,9s/^# \?//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
export SAMBA_CLI="$1" SAMBA_ROOT="$root"
if ! [ -f "$stamp" ]; then
    echo "skipped: the packages are not installed; ./test.sh --interop installs them"
    exit 77
fi
status=0
ran=0
for file in "$here"/test_*.py; do
    name="$(basename "$file")"
    code=0
    (cd "$here" && "$venv/bin/python" "$file") || code=$?
    case "$code" in
    0) echo "passed: $name"; ran=$((ran + 1)) ;;
    77) echo "skipped: $name" ;;
    *) echo "failed: $name"; ran=$((ran + 1)); status=1 ;;
    esac
done
[ "$ran" -gt 0 ] || exit 77
exit "$status"
