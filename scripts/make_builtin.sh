#!/usr/bin/env bash
# Makes resources/builtin, the shipped example, anew: trains the tokenizer and the model on the built-in
# stories with our own programs, then keeps what the window shows: configuration, metrics, samples,
# activation frames and the best checkpoint, its weights rounded to float16. Takes about an
# hour and a quarter on one core. Run by hand after the stories or the model have changed.
#
#   scripts/make_builtin.sh            trains, then packs
#   scripts/make_builtin.sh RUN_DIR    packs a run that is there already
set -euo pipefail
root="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)"
cli="$root/build/release/bin/samba-cli"
target="$root/resources/builtin"

run="${1:-}"
if [ -z "$run" ]; then
    work="$(mktemp -d)"
    run="$work/run"
    "$cli" tokenizer train --data stories --vocab-size 4096 --output "$work/tokenizer.json"
    "$cli" --builtin "$work" train --config "$root/configs/builtin_example.yaml" --output "$run"
fi

best="$(basename "$(readlink -f "$run/checkpoint-best")")"
rm -rf "$target"
mkdir -p "$target/$best" "$target/activations"
cp "$run"/{config.yaml,environment.json,state.json,metrics.jsonl,validation.jsonl,samples.jsonl,events.jsonl} "$target"
newest="$(ls "$run/activations" | sort -V | tail -n 1)"
cp "$run/activations/$newest" "$target/activations"
cp "$run/$best"/{config.json,trainer_state.json} "$target/$best"
cp "$run/$best/tokenizer.json" "$target"
ln -s "$best" "$target/checkpoint-best"
python3 "$root/scripts/round_weights.py" "$run/$best/model.safetensors" "$target/$best/model.safetensors"
du -sh "$target"
