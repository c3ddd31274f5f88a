#!/usr/bin/env bash
# Tries the two commands of the README on a bare Debian 12: makes a minimal root with debootstrap,
# clones this checkout's HEAD into it, and runs them there. Run by hand, as root; it takes a while.
#
#   tests/fresh/run.sh [FOLDER]     FOLDER (default /var/tmp/samba-fresh) must not exist yet;
#                                   it is removed at the end unless SAMBA_KEEP=1
#
# Prints time and download of every step. SAMBA_MIRROR names another Debian mirror; SAMBA_CA a file of
# certificates for pip to trust, on networks that come with their own. SAMBA_CCACHE names a compiler
# cache to build with: quicker, but the time of the build then says nothing.
set -euo pipefail

checkout="$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")"
root="${1:-/var/tmp/samba-fresh}"
mirror="${SAMBA_MIRROR:-http://deb.debian.org/debian}"
# A blank in the path, because people have such folders.
home="/root/samba workbench"

fail() {
    printf 'tests/fresh/run.sh: %s\n' "$*" >&2
    exit 1
}

if [ "${SAMBA_FRESH_INSIDE:-}" != 1 ]; then
    [ "$(id -u)" -eq 0 ] || fail "making a root folder takes root; run it with sudo."
    command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"
    [ ! -e "$root" ] || fail "$root exists; name another folder or remove it."
    # Own mounts: they vanish with the last process, however this script ends.
    status=0
    SAMBA_FRESH_INSIDE=1 unshare --mount --propagation private "$0" "$root" || status=$?
    if [ "${SAMBA_KEEP:-0}" != 1 ]; then
        rm -rf --one-file-system "$root"
    fi
    exit "$status"
fi

received_bytes() {
    awk -F: '/:/ && $1 !~ /lo/ { split($2, field, " "); sum += field[1] } END { print sum }' \
        /proc/net/dev
}

report=()

# Runs a step and notes its time, its download and its exit code. Arguments: name, command.
step() {
    local name="$1" began bytes status=0
    shift
    printf '\n== %s\n' "$name"
    began=$SECONDS
    bytes="$(received_bytes)"
    "$@" || status=$?
    report+=("$(printf '%-44s %5d s %7d MB   exit %d' "$name" $((SECONDS - began)) \
        $((($(received_bytes) - bytes) / 1000000)) "$status")")
    [ "$status" -eq 0 ] || failed=1
}

# A clean environment: nothing of the host's but its network.
inside() {
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        ${SAMBA_CA:+PIP_CERT=/etc/samba-ca.crt} \
        ${SAMBA_CCACHE:+CCACHE_DIR=/var/cache/ccache CCACHE_BASEDIR="$home" CCACHE_NOHASHDIR=1} \
        "$@" </dev/null
}

bare_is_bare() {
    local tool
    for tool in c++ cmake pip3 nvcc qmake6 git; do
        ! inside sh -c "command -v $tool" || fail "the new root has $tool: it is not bare."
    done
}

failed=0
step "debootstrap (minbase)" debootstrap --variant=minbase bookworm "$root" "$mirror"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
cp /etc/resolv.conf "$root/etc/resolv.conf"
[ -z "${SAMBA_CA:-}" ] || cp "$SAMBA_CA" "$root/etc/samba-ca.crt"
bare_is_bare
if [ -n "${SAMBA_CCACHE:-}" ]; then
    mkdir -p "$root/var/cache/ccache"
    mount --bind "$SAMBA_CCACHE" "$root/var/cache/ccache"
fi
step "clone" git clone --quiet --no-hardlinks "$checkout" "$root$home"
step "first start: ./run.sh (no display)" inside "$home/run.sh"
step "second start: ./run.sh --build-only" inside "$home/run.sh" --build-only
step "./test.sh" inside "$home/test.sh"
step "./test.sh once more, from another folder" inside sh -c "cd / && '$home/test.sh'"

printf '\n'
printf '%s\n' "${report[@]}"
printf 'Disk: %s in all, %s of it .venv, %s build\n' \
    "$(du -shx "$root" | cut -f1)" "$(du -sh "$root$home/.venv" | cut -f1)" \
    "$(du -sh "$root$home/build" | cut -f1)"
exit "$failed"
