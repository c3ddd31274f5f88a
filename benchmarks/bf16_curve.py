#!/usr/bin/env python3
"""Whether training in bfloat16 learns as training in float32 does: the same run in both, and the
float32 run with another seed, whose difference is the noise.

    benchmarks/bf16_curve.py [--steps 500] [--keep DIR] [--set KEY=VALUE ...]

A small Samba on the built-in stories (configs/tiny_cpu.yaml, narrower and on shorter sequences, as
bfloat16 is slow on a processor without instructions for it). Losses are averaged over 50 steps.
Takes the program of build/release.
"""

import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLI = ROOT / "build/release/bin/samba-cli"
WINDOW = 50  # steps
SIZE = ["model.d_model=96", "model.n_layers=4", "training.batch_size=4", "training.seq_len=128"]
RUNS = {
    "float32": ["training.bf16=false", "training.seed=1"],
    "bfloat16": ["training.bf16=true", "training.seed=1"],
    "float32, another seed": ["training.bf16=false", "training.seed=2"],
}


def train(folder, steps, settings):
    """@return the main loss of every step."""
    settings = SIZE + settings + [
        f"training.max_steps={steps}", "training.logging_steps=1", "training.eval_steps=0",
        "training.save_steps=0", "training.sample_steps=0", "training.activation_steps=0"]
    command = [CLI, "train", "--quiet", "--config", ROOT / "configs/tiny_cpu.yaml", "--output",
               folder]
    for setting in settings:
        command += ["--set", setting]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"bf16_curve.py: samba-cli failed: {done.stderr.strip()}")
    with open(folder / "metrics.jsonl", encoding="utf-8") as file:
        return [json.loads(line)["loss/main"] for line in file]


def averaged(losses):
    return [statistics.mean(losses[i:i + WINDOW]) for i in range(0, len(losses), WINDOW)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--keep", type=pathlib.Path, help="keep the runs in this folder")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    options = parser.parse_args()
    folder = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="samba-bf16-"))
    curves = {}
    for number, (name, settings) in enumerate(RUNS.items()):
        curves[name] = averaged(train(folder / f"run{number}", options.steps,
                                      settings + options.set))
        print(f"{name}: " + " ".join(f"{loss:.3f}" for loss in curves[name]), flush=True)
    reference = curves.pop("float32")
    for name, curve in curves.items():
        differences = [abs(a - b) for a, b in zip(curve, reference)]
        print(f"{name} against float32: {statistics.mean(differences):.4f} nats in the mean of "
              f"the windows, {max(differences):.4f} at most, {curve[-1] - reference[-1]:+.4f} at "
              "the end")
    if not options.keep:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
