"""Writes the vocabulary and the merges of a tokenizer.json as fuzz_vocab_merges takes them."""

import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    model = json.load(file)["model"]
merges = (merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"])
text = json.dumps(model["vocab"]) + "\0#version: 0.2\n" + "".join(f"{m}\n" for m in merges)
sys.stdout.buffer.write(text.encode())
