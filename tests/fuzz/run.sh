#!/usr/bin/env bash
# Builds the fuzz targets with clang and runs each for a while.
#
#   tests/fuzz/run.sh [seconds per target, default 60] [target ...]
#
# Seeds are taken from the test data. The growing corpus and any input that breaks a target lie in
# build/fuzz (SAMBA_FUZZ_BUILD overrides it); the exit code is 1 if a target broke.
set -euo pipefail

seconds="${1:-60}"
shift || true
source_dir="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
tests_dir="$(dirname "$source_dir")"
build_dir="${SAMBA_FUZZ_BUILD:-$(dirname "$tests_dir")/build/fuzz}"
targets=("$@")
if [ "${#targets[@]}" -eq 0 ]; then
    targets=(fuzz_safetensors fuzz_torch_zip fuzz_pickle fuzz_shard_index fuzz_tokenizer_json
             fuzz_vocab_merges fuzz_model_config fuzz_config_yaml fuzz_parquet)
fi

if ! command -v clang++ >/dev/null; then
    echo "clang++ is missing: apt-get install clang libclang-rt-dev" >&2
    exit 2
fi
cmake -S "$source_dir" -B "$build_dir" -G Ninja -DCMAKE_CXX_COMPILER=clang++ >/dev/null
ninja -C "$build_dir" "${targets[@]}"

# Copies the seeds of one target into its corpus, under names made of the folders they lie in.
seed() {
    local corpus="$1" pattern="$2" file
    find "$tests_dir/data/damaged" -type f -name "$pattern" | while read -r file; do
        cp "$file" "$corpus/seed-$(basename "$(dirname "$file")")-$(basename "$file")"
    done
}

failed=0
for target in "${targets[@]}"; do
    corpus="$build_dir/corpus/$target"
    mkdir -p "$corpus" "$build_dir/crashes"
    options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
             -artifact_prefix="$build_dir/crashes/$target-")
    case "$target" in
    fuzz_safetensors)
        seed "$corpus" '*.safetensors'
        options+=(-dict="$source_dir/safetensors.dict" -max_len=32768)
        ;;
    fuzz_torch_zip)
        seed "$corpus" '*.bin'
        options+=(-dict="$source_dir/pickle.dict" -max_len=32768)
        ;;
    fuzz_pickle)
        # Records are stored, not compressed: unzip only cuts the pickle out.
        find "$tests_dir/data/damaged" -type f -name '*.bin' | while read -r file; do
            unzip -p "$file" '*/data.pkl' \
                >"$corpus/seed-$(basename "$(dirname "$file")").pkl" 2>/dev/null || true
        done
        options+=(-dict="$source_dir/pickle.dict" -max_len=8192)
        ;;
    fuzz_shard_index)
        seed "$corpus" '*.index.json'
        options+=(-max_len=8192)
        ;;
    fuzz_tokenizer_json)
        seed "$corpus" 'tokenizer.json'
        options+=(-max_len=65536)
        ;;
    fuzz_vocab_merges)
        python3 "$source_dir/vocab_seed.py" \
            "$tests_dir/data/damaged/00-good-tokenizer/tokenizer.json" >"$corpus/seed-good"
        options+=(-max_len=65536)
        ;;
    fuzz_model_config)
        seed "$corpus" 'config.json'
        options+=(-max_len=8192)
        ;;
    fuzz_config_yaml)
        cp "$tests_dir"/data/config/*.yaml "$tests_dir"/../configs/*.yaml "$corpus"
        options+=(-max_len=8192)
        ;;
    fuzz_parquet)
        find "$tests_dir/data/parquet" -name '*.parquet' -exec cp {} "$corpus" ';'
        options+=(-max_len=8192 -malloc_limit_mb=1024)
        ;;
    esac
    echo "== $target, $seconds s"
    if ! nice -n 10 "$build_dir/$target" "${options[@]}" "$corpus" 2>"$build_dir/$target.log"; then
        echo "$target broke:" >&2
        tail -n 40 "$build_dir/$target.log" >&2
        failed=1
    fi
    grep -E '^stat::|ERROR|SUMMARY' "$build_dir/$target.log" || true
done
exit "$failed"
