# shellcheck shell=bash
# Installs what building and running the project takes. Sourced by run.sh and test.sh.
#
#   samba_install   Debian packages that are missing, and the LibTorch wheel in .venv
#   samba_build     configures and builds the preset "release"; arguments: targets, none for all
#   samba_fail      one sentence on stderr, exit 1
#
# A stamp in .venv makes a second start skip all checks. SAMBA_SKIP_PACKAGES=1 leaves the system's
# packages alone (for systems without apt).

SAMBA_ROOT="$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")"
SAMBA_VENV="$SAMBA_ROOT/.venv"
SAMBA_STAMP="$SAMBA_VENV/samba-installed"
SAMBA_LOGS="$SAMBA_ROOT/.cache/logs"
SAMBA_BUILD="$SAMBA_ROOT/build/release"

# Package and what it is for.
SAMBA_PACKAGES="
g++                 C++ compiler
cmake               build system
ninja-build         build system
pkg-config          finds libraries
ccache              compiles nothing twice
git                 version of the sources
ca-certificates     encrypted downloads
python3-venv        holds the LibTorch wheel
qt6-base-dev        the window
qt6-svg-dev         icons of the window
qt6-wayland         the window on Wayland desktops
libqcustomplot-dev  plots
fonts-dejavu-core   text where no other font is installed
libyaml-cpp-dev     configurations
nlohmann-json3-dev  metrics, tokenizers, model files
libcli11-dev        command line
libpcre2-dev        tokenizer
libicu-dev          tokenizer
libhwy-dev          fast CPU kernels
libcurl4-openssl-dev downloads
libssl-dev          checksums of downloads
libdeflate-dev      checksums of tensors and archives
"

# LibTorch as PyPI has it, with the two libraries of NVIDIA's that its CPU part is linked against;
# the versions are those that the wheel asks for. Arrow's C++ libraries, for Parquet files.
# And a megabyte of headers, with which the tests run the CUDA sources on the CPU.
SAMBA_WHEELS="torch==2.11.0 nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85 pyarrow==26.0.1
nvidia-cuda-crt==13.0.88"

samba_say() {
    printf '%s\n' "$*" >&2
}

samba_fail() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# Runs a command quietly; shows the end of what it said where it fails.
# Arguments: name of the log, sentence for a failure, command.
samba_quietly() {
    local log="$SAMBA_LOGS/$1.log" sentence="$2"
    shift 2
    mkdir -p "$SAMBA_LOGS"
    if ! "$@" >"$log" 2>&1 </dev/null; then
        tail -n 15 "$log" >&2
        samba_fail "$sentence (all of it: $log)"
    fi
}

# Fails where a folder's disk has less free space than wanted. Arguments: folder, MiB, for what.
samba_need_space() {
    local free
    free="$(df -Pm "$1" | awk 'NR == 2 { print $4 }')"
    [ "$free" -ge "$2" ] ||
        samba_fail "$3 takes about $2 MiB and $1 has only $free MiB free; make room there."
}

samba_missing_packages() {
    local package
    while read -r package _; do
        [ -n "$package" ] || continue
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
            printf '%s ' "$package"
    done <<<"$SAMBA_PACKAGES"
}

samba_install_packages() {
    local missing as_root=()
    if [ "${SAMBA_SKIP_PACKAGES:-0}" = 1 ]; then
        return
    fi
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        samba_fail "this system has no apt-get: install the counterparts of these Debian packages" \
            "yourself and set SAMBA_SKIP_PACKAGES=1:" \
            "$(awk 'NF { printf "%s ", $1 }' <<<"$SAMBA_PACKAGES")"
    fi
    missing="$(samba_missing_packages)"
    [ -n "$missing" ] || return 0

    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null ||
            samba_fail "Debian packages are missing and there is no sudo; as root, run once:" \
                "apt-get install $missing"
        as_root=(sudo)
        # Without a terminal nobody can type a password.
        [ -t 0 ] || as_root=(sudo -n)
        "${as_root[@]}" true || samba_fail "Debian packages are missing and sudo refused to install" \
            "them; as root, run once: apt-get install $missing"
    fi
    samba_need_space /usr 2000 "Installing Debian packages"

    samba_say "Installing Debian packages:"
    local package purpose
    while read -r package purpose; do
        case " $missing" in
        *" $package "*) printf '  %-20s %s\n' "$package" "$purpose" >&2 ;;
        esac
    done <<<"$SAMBA_PACKAGES"
    samba_quietly apt-update "apt-get could not fetch the package lists; check the network" \
        "${as_root[@]}" apt-get update -q -o DPkg::Lock::Timeout=300
    # shellcheck disable=SC2086 # a list of words
    samba_quietly apt-install "apt-get could not install the packages; check the network" \
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
        --no-install-recommends -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 $missing
}

# Whether the virtual environment has exactly the wheels wanted, and whole.
samba_has_wheels() {
    # shellcheck disable=SC2086 # a list of words
    [ -x "$SAMBA_VENV/bin/python" ] &&
        "$SAMBA_VENV/bin/python" - $SAMBA_WHEELS <<'PYTHON' 2>/dev/null
import importlib.metadata
import sys
for wheel in sys.argv[1:]:
    name, version = wheel.split("==")
    found = importlib.metadata.distribution(name)
    missing = [f for f in found.files or [] if f.suffix == ".so" and not f.locate().exists()]
    if found.version.split("+")[0] != version or missing:
        sys.exit(1)
PYTHON
}

samba_install_wheels() {
    if samba_has_wheels; then
        return
    fi
    samba_need_space "$SAMBA_ROOT" 3000 "Installing LibTorch"
    if ! [ -x "$SAMBA_VENV/bin/python" ] || ! "$SAMBA_VENV/bin/python" -m pip --version \
        >/dev/null 2>&1; then
        rm -rf "$SAMBA_VENV"
        samba_quietly venv "a Python virtual environment could not be made in $SAMBA_VENV" \
            python3 -m venv "$SAMBA_VENV"
    fi
    samba_say "Installing LibTorch and Arrow into .venv (a download of about 600 MB):"
    samba_say "  $SAMBA_WHEELS"
    # Not their dependencies: those are for Python programs and for CUDA, several GB of them.
    # shellcheck disable=SC2086 # a list of words
    samba_quietly pip "pip could not install LibTorch and Arrow; check the network" \
        "$SAMBA_VENV/bin/python" -m pip install --no-input --disable-pip-version-check \
        --progress-bar off --no-deps $SAMBA_WHEELS
    local unresolved
    unresolved="$(ldd "$SAMBA_VENV"/lib/python3*/site-packages/torch/lib/libtorch_cpu.so |
        awk '/not found/ { printf "%s ", $1 }')"
    [ -z "$unresolved" ] || samba_fail "LibTorch cannot be loaded, it lacks: $unresolved"
}

samba_install() {
    local version
    version="$(cksum <"$SAMBA_ROOT/scripts/install.sh")"
    # The virtual environment's python is a link that breaks when the system's Python goes.
    if [ -x "$SAMBA_VENV/bin/python" ] && [ -f "$SAMBA_STAMP" ] &&
        [ "$(<"$SAMBA_STAMP")" = "$version" ]; then
        return
    fi
    [ "$(uname -m)" = x86_64 ] || [ "$(uname -m)" = aarch64 ] ||
        samba_fail "there is no LibTorch for this processor ($(uname -m))."
    samba_install_packages
    samba_install_wheels
    printf '%s\n' "$version" >"$SAMBA_STAMP"
}

# Compilations at once: one a core, but 2 GiB of memory for each.
samba_jobs() {
    local cores memory
    cores="$(nproc)"
    memory="$(awk '/^MemAvailable/ { print int($2 / 2097152) }' /proc/meminfo)"
    [ "$memory" -ge 1 ] || memory=1
    echo $((cores < memory ? cores : memory))
}

# shellcheck disable=SC2120 # without arguments: all targets
samba_build() {
    local targets=() configured
    [ $# -eq 0 ] || targets=(--target "$@")
    # A copied or moved checkout: CMake refuses another folder's build.
    configured="$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$SAMBA_BUILD/CMakeCache.txt" \
        2>/dev/null || true)"
    if [ -n "$configured" ] && [ "$configured" != "$SAMBA_ROOT" ]; then
        rm -rf "$SAMBA_BUILD"
    fi
    if ! [ -f "$SAMBA_BUILD/build.ninja" ]; then
        samba_need_space "$SAMBA_ROOT" 2000 "Building"
        (cd "$SAMBA_ROOT" && samba_quietly configure "CMake could not configure the build" \
            cmake --preset release) || exit 1
    fi
    samba_say "Building (the first time takes several minutes) ..."
    (cd "$SAMBA_ROOT" && cmake --build --preset release -j "$(samba_jobs)" "${targets[@]}") >&2 ||
        samba_fail "the build failed; the messages above say where."
}

# One installation or build at a time in this checkout; held until the script ends.
samba_lock() {
    if ! mkdir -p "$SAMBA_ROOT/.cache" 2>/dev/null || ! [ -w "$SAMBA_ROOT/.cache" ]; then
        samba_fail "the folder $SAMBA_ROOT cannot be written by $(id -un); change its owner."
    fi
    exec {SAMBA_LOCK}>"$SAMBA_ROOT/.cache/install.lock"
    if ! flock -n "$SAMBA_LOCK"; then
        samba_say "Waiting for another run.sh or test.sh in this folder ..."
        flock "$SAMBA_LOCK"
    fi
}

samba_unlock() {
    exec {SAMBA_LOCK}>&-
}
