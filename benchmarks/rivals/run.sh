#!/usr/bin/env bash
# Measures samba-cli beside other programs for Mamba models, in turn on the same machine.
#
#   benchmarks/rivals/run.sh scan|train|decode|context [--rounds N] [--slow] [--only ROW,...] [--threads N]
#   benchmarks/rivals/run.sh --install scan|train|decode|context      only installs
#
# Takes the program built in build/release, or the one that SAMBA_CLI names, and PyTorch from .venv.
# Installs the others into .cache/rivals-venv and, for `decode`, builds llama.cpp in
# .cache/rivals-llama. README.md beside this file says what is measured.
set -euo pipefail

here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
root="$(dirname "$(dirname "$here")")"
venv="$root/.cache/rivals-venv"
llama="$root/.cache/rivals-llama"
cli="${SAMBA_CLI:-$root/build/release/bin/samba-cli}"

fail() {
    echo "run.sh: $*" >&2
    exit 2
}

install_packages() {
    [ -f "$venv/installed" ] && cmp -s "$here/requirements.txt" "$venv/installed" && return
    echo "Installing transformers and mambapy into $venv ..." >&2
    [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --progress-bar off \
        -r "$here/requirements.txt"
    # Not what they ask for: mambapy would bring a PyTorch with several GB of CUDA.
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --progress-bar off \
        --no-deps mambapy==1.2.0 gguf==0.19.0
    cp "$here/requirements.txt" "$venv/installed"
}

# llama.cpp's sources as llama-cpp-python's archive has them; of its tools only llama-bench.
build_llama() {
    local version=0.3.36
    [ -x "$llama/build/bin/llama-bench" ] && return
    command -v cmake >/dev/null || fail "building llama.cpp takes cmake and a C++ compiler."
    echo "Building llama.cpp of llama-cpp-python $version in $llama ..." >&2
    mkdir -p "$llama/source"
    if ! [ -f "$llama/source/vendor/llama.cpp/CMakeLists.txt" ]; then
        "$venv/bin/python" -m pip download --quiet --disable-pip-version-check --progress-bar off \
            --no-deps --no-binary llama-cpp-python --dest "$llama" "llama-cpp-python==$version"
        tar -xzf "$llama/llama_cpp_python-$version.tar.gz" -C "$llama/source" --strip-components 1
    fi
    # --fresh: a folder that was moved remembers where it was configured.
    cmake --fresh -S "$llama/source/vendor/llama.cpp" -B "$llama/build" -DCMAKE_BUILD_TYPE=Release \
        -DGGML_NATIVE=ON -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF -DLLAMA_BUILD_TESTS=OFF \
        -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=OFF >"$llama/build.log" 2>&1 &&
        cmake --build "$llama/build" --target llama-bench -j "${JOBS:-$(nproc)}" \
            >>"$llama/build.log" 2>&1 || fail "llama.cpp could not be built; see $llama/build.log"
}

only_install=no
if [ "${1:-}" = --install ]; then
    only_install=yes
    shift
fi
subject="${1:-}"
case "$subject" in
scan | train | decode | context) shift ;;
*)
    sed -n '2,9s/^# \?//p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
install_packages
[ "$subject" != decode ] || build_llama
[ "$only_install" = no ] || exit 0
[ -x "$cli" ] || fail "there is no program $cli; build it with ./run.sh --build-only"
export SAMBA_ROOT="$root" PYTHONPATH="$root/tests/interop" HF_HUB_OFFLINE=1
export TORCHINDUCTOR_CACHE_DIR="$root/.cache/rivals-inductor"
exec "$venv/bin/python" "$here/$subject.py" --cli "$cli" --cache "$root/.cache" "$@"
