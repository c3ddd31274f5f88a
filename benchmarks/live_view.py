#!/usr/bin/env python3
"""What watching costs a training run: the same run in samba-cli and in the workbench's window.

    benchmarks/live_view.py [--rounds 2] [--keep DIR]

In each round `samba-workbench --tour` trains with plots, metrics and heatmap in view, and then
`samba-cli train` makes the same run. Speeds are the medians of tokens_per_second in metrics.jsonl,
without the first lines of a run. Beside them stands what the window's own thread used of a processor.
Takes the programs of build/release.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = ROOT / "build/release/bin"
WARM_UP = 4  # lines of metrics


def speeds(run):
    """Tokens a second of every line of metrics after the first ones."""
    with open(run / "metrics.jsonl", encoding="utf-8") as file:
        return [json.loads(line)["tokens_per_second"] for line in file][WARM_UP:]


def watching(tour):
    """What the window's thread used, as the tour says it."""
    line = next(line for line in (tour / "summary.txt").read_text(encoding="utf-8").splitlines()
                if line.startswith("Watching the run took"))
    return line.removeprefix("Watching the run took ").split(" (")[0]


def run(command, log):
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen")
    with open(log, "w", encoding="utf-8") as file:
        done = subprocess.run(command, env=environment, stdout=file, stderr=subprocess.STDOUT,
                              check=False)
    if done.returncode != 0:
        sys.exit(f"live_view.py: {command[0]} failed with exit code {done.returncode}; see {log}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--keep", type=pathlib.Path, help="keep runs and logs in this folder")
    options = parser.parse_args()
    folder = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="samba-live-view-"))
    folder.mkdir(parents=True, exist_ok=True)
    window, terminal = [], []
    for number in range(options.rounds):
        tour = folder / f"tour{number}"
        run([BIN / "samba-workbench", "--tour", "--tour-dir", tour], folder / f"tour{number}.log")
        alone = folder / f"cli{number}"
        run([BIN / "samba-cli", "train", "--quiet", "--config", tour / "tour.yaml", "--output",
             alone], folder / f"cli{number}.log")
        window += speeds(tour / "run")
        terminal += speeds(alone)
        print(f"round {number + 1}: window {statistics.median(speeds(tour / 'run')):.0f}, "
              f"terminal {statistics.median(speeds(alone)):.0f} tokens/s; the window's thread took "
              f"{watching(tour)}", flush=True)
    ratio = statistics.median(window) / statistics.median(terminal)
    print(f"window {statistics.median(window):.0f}, terminal {statistics.median(terminal):.0f} "
          f"tokens/s: watching costs {100 * (1 - ratio):.1f} %")
    if not options.keep:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
