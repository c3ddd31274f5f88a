#!/usr/bin/env bash
# Compiler launcher for CUDA sources: runs the command given and keeps what ptxas tells about each
# kernel (registers, spills, shared memory) in OBJECT.ptxas, which the test cuda_gates reads.
set -uo pipefail

object=""
for ((i = 1; i < $#; ++i)); do
    [ "${!i}" != -o ] || { next=$((i + 1)); object="${!next}"; }
done
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
status=0
"$@" 2>"$log" || status=$?
grep -vE '^(ptxas info|    [0-9]+ bytes stack frame)|^$' "$log" >&2
[ "$status" != 0 ] || [ -z "$object" ] || cp "$log" "$object.ptxas"
exit "$status"
