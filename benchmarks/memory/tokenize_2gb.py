"""Tokenizes 2 GB of generated text and reports the memory and the time it took.

    python tokenize_2gb.py --cli build/release/bin/samba-cli --tokenizer TOKENIZER [--form txt]

The text is made in a temporary folder, which is removed afterwards: about 2 GB of numbered stories,
as a text file with separators, JSON lines, or Parquet (needs pyarrow). It takes
about 4 GB of disk. The figure is the largest resident set of `samba-cli data prepare`.
"""

import argparse
import json
import multiprocessing
import os
import pathlib
import random
import subprocess
import tempfile
import time

SIZE = 2_000_000_000
WORDS = (
    "the a little old young red fox owl mill river kite rain morning evening garden friend found "
    "lost gave took walked sang asked said slowly quickly once upon time there was who lived beside"
).split()


def stories(rng, size):
    """Texts of about 1 kB that are all different, `size` bytes of them."""
    sentences = [
        " ".join(rng.choice(WORDS) for _ in range(rng.randint(5, 15))).capitalize() + "."
        for _ in range(20_000)
    ]
    number = 0
    while size > 0:
        number += 1
        start = rng.randrange(len(sentences) - 16)
        text = f"Story {number}. " + " ".join(sentences[start : start + 15])
        size -= len(text)
        yield text


def write_text(path, texts):
    with open(path, "w", encoding="utf-8") as file:
        for text in texts:
            file.write(text + "\n<|endoftext|>\n")


def write_json_lines(path, texts):
    with open(path, "w", encoding="utf-8") as file:
        for text in texts:
            file.write(json.dumps({"text": text}) + "\n")


def write_parquet(path, texts):
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([("text", pa.string())])
    with pq.ParquetWriter(path, schema, compression="snappy", use_dictionary=False) as writer:
        rows = []
        for text in texts:
            rows.append(text)
            if len(rows) == 200_000:
                writer.write_table(pa.table({"text": rows}), row_group_size=len(rows))
                rows = []
        writer.write_table(pa.table({"text": rows}))


WRITERS = {"txt": write_text, "jsonl": write_json_lines, "parquet": write_parquet}


def write_corpus(form, path, size):
    WRITERS[form](path, stories(random.Random(1), size))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cli", required=True)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--form", choices=WRITERS, default="txt")
    parser.add_argument("--size", type=int, default=SIZE, help="bytes of text")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / f"train.{options.form}"
        # In a process of its own: what this one holds would count as its child's.
        writer = multiprocessing.Process(
            target=write_corpus, args=(options.form, path, options.size)
        )
        writer.start()
        writer.join()
        environment = dict(os.environ, XDG_CACHE_HOME=str(pathlib.Path(folder) / "cache"))
        start = time.perf_counter()
        process = subprocess.Popen(
            [options.cli, "data", "prepare", "--data", path, "--tokenizer", options.tokenizer,
             "--set", "dataset.validation_fraction=0", "--json", "--quiet"],
            env=environment, stdout=subprocess.PIPE, text=True,
        )
        answer = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            raise SystemExit("samba-cli failed")
        seconds = time.perf_counter() - start
        peak = usage.ru_maxrss / 1024
        split = json.loads(answer)["splits"][0]
        print(
            f"{options.form}: {path.stat().st_size / 1e9:.2f} GB, {split['documents']} documents,"
            f" {split['tokens']} tokens; {seconds:.1f} s on {os.cpu_count()} cores;"
            f" largest resident set {peak:.0f} MiB"
        )


if __name__ == "__main__":
    main()
