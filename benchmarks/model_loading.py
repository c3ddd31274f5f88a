#!/usr/bin/env python3
"""Times how long a model takes to be ready, and how much memory that takes at most, in samba-cli
and in the libraries that others load such files with, on the same files in one run.

    ./test.sh --interop        once: installs the packages
    benchmarks/model_loading.py [--sizes 130m,1.4b] [--repeat 3] [--folder DIR]

Weights are random, made by samba-cli, and removed at the end; 1.4b takes 5.5 GB of disk. Each
measurement is a process of its own: its time from start to end, less the time of one that loads
nothing, and its largest resident set (pages of mapped files included). Files are in the page cache.
Prints a Markdown table.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
CLI = os.path.join(ROOT, "build", "release", "bin", "samba-cli")
PYTHON = os.path.join(ROOT, ".cache", "interop-venv", "bin", "python")
SIZES = {"130m": (768, 24), "370m": (1024, 48), "790m": (1536, 48), "1.4b": (2048, 48),
         "2.8b": (2560, 64)}

IMPORT = f"""
import os, sys
os.environ["SAMBA_ROOT"] = {ROOT!r}
sys.path.insert(0, {os.path.join(ROOT, "tests", "interop")!r})
import torch_on_cpu; torch_on_cpu.prepare()
import torch
"""
SAFETENSORS = IMPORT + """
from safetensors.torch import load_file
"""
TRANSFORMERS = IMPORT + """
from transformers import MambaForCausalLM
"""
# What each does: name, process without a model, process with one (MODEL is its folder).
CONTENDERS = [
    ("samba-cli, float32 weights",
     lambda model: [CLI, "--quiet", "info", "--config", os.path.join(model, "..", "start.yaml")],
     lambda model: [CLI, "--quiet", "info", "--model", model]),
    ("safetensors load_file, stored type",
     lambda model: [PYTHON, "-c", SAFETENSORS],
     lambda model: [PYTHON, "-c", SAFETENSORS + "import glob, sys\n"
                    "for f in glob.glob(sys.argv[1] + '/*.safetensors'):\n"
                    "    load_file(f)\n", model]),
    ("safetensors load_file, then float32",
     lambda model: [PYTHON, "-c", SAFETENSORS],
     lambda model: [PYTHON, "-c", SAFETENSORS + "import glob, sys\n"
                    "tensors = {}\n"
                    "for f in glob.glob(sys.argv[1] + '/*.safetensors'):\n"
                    "    for name, tensor in load_file(f).items():\n"
                    "        tensors[name] = tensor.float()\n", model]),
    ("transformers from_pretrained, float32",
     lambda model: [PYTHON, "-c", TRANSFORMERS],
     lambda model: [PYTHON, "-c", TRANSFORMERS + "import sys\n"
                    "MambaForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32)\n", model]),
]


def run(command):
    """Runs a process to its end; returns seconds and the largest resident set in bytes."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status != 0:
        sys.exit(f"failed: {command[:4]}\n{errors.decode()}")
    return seconds, usage.ru_maxrss * 1024


def measure(command, repeat):
    results = [run(command) for _ in range(repeat)]
    return statistics.median(r[0] for r in results), max(r[1] for r in results)


def make_model(folder, size, dtype):
    """Random weights of a published size as a Hugging Face folder."""
    width, layers = SIZES[size]
    model = os.path.join(folder, f"{size}-{dtype}")
    subprocess.run(
        [CLI, "--quiet", "export", "--config", os.path.join(ROOT, "configs", "mamba_130m.yaml"),
         "--no-pretrained", "--set", f"model.d_model={width}", "--set", f"model.n_layers={layers}",
         "--dtype", dtype, "--output", model],
        check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="130m,1.4b")
    parser.add_argument("--types", default="f32,bf16")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", default=None, help="where the files go for the time being")
    options = parser.parse_args()
    for needed in (CLI, PYTHON):
        if not os.path.exists(needed):
            sys.exit(f"{needed} is missing; run ./test.sh --interop first")
    folder = tempfile.mkdtemp(dir=options.folder)
    try:
        with open(os.path.join(folder, "start.yaml"), "w", encoding="ascii") as file:
            file.write("model: {vocab_size: 50280}\n")
        print("| model | file | loaded by | load, s | start alone, s | peak resident, MB |")
        print("|---|---|---|---|---|---|")
        for size in options.sizes.split(","):
            for dtype in options.types.split(","):
                model = make_model(folder, size, dtype)
                stored = sum(e.stat().st_size for e in os.scandir(model))
                for name, without, with_model in CONTENDERS:
                    start, _ = measure(without(model), options.repeat)
                    seconds, peak = measure(with_model(model), options.repeat)
                    print(f"| {size} | {dtype}, {stored / 1e6:.0f} MB | {name} | "
                          f"{max(seconds - start, 0):.2f} | {start:.2f} | {peak / 1e6:.0f} |",
                          flush=True)
                shutil.rmtree(model)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
