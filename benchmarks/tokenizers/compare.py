"""Encodes the same texts with samba-cli and with Hugging Face's `tokenizers`, one thread each.

    python compare.py --cli build/release/bin/samba-cli --data SHARED_DATA [--rounds 5]

Both hold the documents in memory, encode them one by one without offsets, and alternate; the best
round of each counts. Before that the ids of every document are compared. Prints a Markdown table.
"""

import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"

import tokenizers  # noqa: E402
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers  # noqa: E402

TEXTS = ["tinystories/tinystories-train.txt", "wikitext-2-raw/wiki.test.raw"]
SEPARATOR = "\n<|endoftext|>\n"


def load(folder):
    if (folder / "tokenizer.json").exists():
        return Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer = Tokenizer(
        models.BPE.from_file(str(folder / "vocab.json"), str(folder / "merges.txt"))
    )
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken("<|endoftext|>", special=True)])
    return tokenizer


def documents_of(path):
    """Stories one by one; a text without separators by its articles' paragraphs."""
    text = path.read_text(encoding="utf-8")
    parts = text.split(SEPARATOR) if SEPARATOR in text else text.splitlines(keepends=True)
    return [part for part in parts if part]


def encode(tokenizer, texts):
    encode_batch = getattr(tokenizer, "encode_batch_fast", tokenizer.encode_batch)
    return encode_batch(texts, add_special_tokens=False)


def samba_ids(cli, folder, texts):
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    answer = subprocess.run(
        [cli, "tokenizer", "encode", "--tokenizer", folder, "--jsonl"],
        input=lines, capture_output=True, text=True, check=True,
    )
    return [json.loads(line) for line in answer.stdout.splitlines()]


def samba_speed(cli, folder, corpus):
    answer = subprocess.run(
        [cli, "tokenizer", "speed", "--tokenizer", folder, "--data", corpus, "--rounds", "1",
         "--json"],
        capture_output=True, text=True, check=True,
    )
    return json.loads(answer.stdout)["megabytes_per_second"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cli", required=True)
    parser.add_argument("--data", required=True, type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()

    print(f"tokenizers {tokenizers.__version__}, best of {options.rounds} rounds, one thread each\n")
    print("| tokenizer | text | MB | tokens | samba MB/s | tokenizers MB/s | ratio |")
    print("|---|---|---|---|---|---|---|")
    for name in ["gpt-neox-20b", "gpt2"]:
        folder = options.data / "tokenizers" / name
        tokenizer = load(folder)
        for text in TEXTS:
            texts = documents_of(options.data / text)
            size = sum(len(text.encode()) for text in texts)
            theirs = [encoding.ids for encoding in encode(tokenizer, texts)]
            if samba_ids(options.cli, folder, texts) != theirs:
                raise SystemExit(f"{name} on {text}: the ids differ")
            best_ours = best_theirs = 0.0
            with tempfile.TemporaryDirectory() as scratch:
                corpus = pathlib.Path(scratch) / "texts.jsonl"
                corpus.write_text("".join(json.dumps({"text": t}) + "\n" for t in texts))
                for _ in range(options.rounds):
                    best_ours = max(best_ours, samba_speed(options.cli, folder, corpus))
                    start = time.perf_counter()
                    encode(tokenizer, texts)
                    seconds = time.perf_counter() - start
                    best_theirs = max(best_theirs, size / 1e6 / seconds)
            print(
                f"| {name} | {pathlib.Path(text).name} | {size / 1e6:.2f} |"
                f" {sum(map(len, theirs))} | {best_ours:.1f} | {best_theirs:.1f} |"
                f" {best_ours / best_theirs:.1f} |"
            )


if __name__ == "__main__":
    main()
