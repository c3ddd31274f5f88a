#!/usr/bin/env bash
# Installs what is missing, builds, and opens Samba Workbench.
#
#   ./run.sh                 opens the window; with no display: as with --tour
#   ./run.sh --build-only    stops after the build
#   ./run.sh --tour          trains the built-in example without a display and leaves pictures
#   ./run.sh ...             anything else goes to samba-workbench
set -euo pipefail

source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/scripts/install.sh"

arguments=()
is_build_only=0
is_tour=0
for argument in "$@"; do
    case "$argument" in
    --build-only) is_build_only=1 ;;
    --tour)
        is_tour=1
        arguments+=("$argument")
        ;;
    *) arguments+=("$argument") ;;
    esac
done

samba_lock
samba_install
samba_build samba-workbench samba-cli
samba_unlock
if [ "$is_build_only" = 1 ]; then
    samba_say "Built: $SAMBA_BUILD/bin/samba-workbench and samba-cli"
    exit 0
fi

if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && [ "$is_tour" = 0 ]; then
    samba_say "There is no display: the built-in example runs without one (--tour)."
    arguments+=(--tour)
    is_tour=1
fi
if [ "$is_tour" = 1 ]; then
    export QT_QPA_PLATFORM=offscreen
fi
exec "$SAMBA_BUILD/bin/samba-workbench" ${arguments[@]+"${arguments[@]}"}
