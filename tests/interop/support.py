"""What the interoperability tests share: the built samba-cli and a tiny training run."""

import json
import os
import subprocess

CONFIG = """\
model: {vocab_size: 0, d_model: 16, n_layers: 3, readout_stride: 2, readout_hidden_dim: 8}
pretrained: {use_pretrained: false}
training: {batch_size: 2, seq_len: 16, lr: 0.001, logging_steps: 1, eval_steps: 4,
           eval_batches: 2, save_steps: 4, sample_steps: 4, sample_tokens: 4, threads: 1,
           sample_prompts: ["The fox", "A hill"]}
dataset: {name: text.txt, tokenizer: tokens}
"""


def samba_cli(folder, *words, expected=0, **environment):
    """Runs samba-cli in a folder and returns what it printed."""
    result = subprocess.run(
        [os.environ["SAMBA_CLI"], *words],
        cwd=folder,
        env={**os.environ, "XDG_CACHE_HOME": os.path.join(folder, "cache"), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    if result.returncode != expected:
        raise AssertionError(f"samba-cli {words}: {result.returncode}\n{result.stderr}")
    return result


def prepare(folder):
    """Puts a corpus, a tokenizer and a configuration into a folder."""
    with open(os.path.join(folder, "text.txt"), "w", encoding="utf-8") as file:
        for i in range(120):
            file.write(f"The fox number {i % 7} ran over the hill and said hello.\n")
    with open(os.path.join(folder, "config.yaml"), "w", encoding="utf-8") as file:
        file.write(CONFIG)
    samba_cli(
        folder, "tokenizer", "train", "--data", "text.txt", "--vocab-size", "280",
        "--output", "tokens",
    )


def read_lines(run, name):
    """The records of one of a run folder's files of JSON lines."""
    with open(os.path.join(run, name), encoding="utf-8") as file:
        return [json.loads(line) for line in file]
