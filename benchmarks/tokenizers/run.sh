#!/usr/bin/env bash
# Compares the encoding speed of samba-cli with that of Hugging Face's `tokenizers`.
#
#   benchmarks/tokenizers/run.sh [rounds, default 5]
#
# Takes the built program and the published tokenizers and texts in SAMBA_SHARED_DATA. Installs
# `tokenizers` into an environment of its own under .cache.
set -euo pipefail

root="$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")"
data="${SAMBA_SHARED_DATA:-$root/../shared/data}"
venv="$root/.cache/tokenizers-venv"
cli="$root/build/release/bin/samba-cli"

[ -x "$cli" ] || { echo "run.sh: build the program first: ./run.sh --build-only" >&2; exit 2; }
[ -d "$data/tokenizers" ] || { echo "run.sh: there are no tokenizers in $data" >&2; exit 2; }
if ! [ -x "$venv/bin/python" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check tokenizers==0.23.3
fi
exec "$venv/bin/python" "$root/benchmarks/tokenizers/compare.py" --cli "$cli" --data "$data" \
    --rounds "${1:-5}"
