#!/usr/bin/env python3
"""Plants mistakes in the CUDA sources one at a time and says which of the emulated builds notices:
the plain one by wrong values, the one that looks for data races, the one with sanitizers. Run by
hand, a mistake takes some seconds to a minute; docs/cuda.md has the table of the last full run.

  mutants.py BUILD_DIR [WORD...]     all mistakes, or those whose description has one of the words

BUILD_DIR holds a finished build: its objects are linked again with the mutated kernel.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
SCAN = "kernels/selective_scan/selective_scan_cuda.cu"
STEP = "kernels/selective_scan/selective_scan_step_cuda.cu"
CONV = "kernels/causal_conv1d/causal_conv1d_cuda.cu"
NORM = "kernels/rms_norm/rms_norm_cuda.cu"
BLOCK_SCAN = "kernels/common/block_scan.cuh"
VECTOR_IO = "kernels/common/vector_io.cuh"

# Description, compiled source, changed file, what is there, what takes its place.
MUTANTS = [
    ("none: the sources as they are", SCAN, SCAN, "", ""),
    ("scan: barrier between warps removed", SCAN, BLOCK_SCAN, "        __syncthreads();\n", ""),
    ("scan: barrier before gradients are exchanged removed", SCAN, SCAN,
     "            __syncthreads();\n#pragma unroll", "#pragma unroll"),
    ("scan: barrier before the last sums removed", SCAN, SCAN,
     "    __syncthreads();\n    for (int n = thread", "    for (int n = thread"),
    ("scan: both turns use one buffer", SCAN, SCAN, "++n, turn ^= 1", "++n"),
    ("scan: backward carry in one buffer", SCAN, SCAN, "shared.carry[~chunk & 1][n] = passedOn",
     "shared.carry[chunk & 1][n] = passedOn"),
    ("scan: every lane adds to gradA", SCAN, SCAN,
     "            if (lane == 0)\n                shared.gradA",
     "            if (lane >= 0)\n                shared.gradA"),
    ("scan: steps past the end are no identity", SCAN, SCAN,
     "        if (first + i >= p.length)\n            delta[i] = 0.0f;\n", ""),
    ("scan: warps composed in the wrong order", SCAN, BLOCK_SCAN,
     "return after(before, earlierWarps);", "return after(earlierWarps, before);"),
    ("scan: warp total taken from the wrong lane", SCAN, BLOCK_SCAN,
     "if (lane == lastLane)", "if (lane == (lastLane ^ 1))"),
    ("scan: shuffle mask lacks lane 0", SCAN, BLOCK_SCAN, "{__shfl_up_sync(kAllLanes, value.a",
     "{__shfl_up_sync(0xfffffffeu, value.a"),
    ("scan: gradA added without atomics", SCAN, SCAN,
     "atomicAdd(q.gradA + place.channel * p.states + n, sum);",
     "q.gradA[place.channel * p.states + n] += sum;"),
    ("scan: every thread writes the chunk's state", SCAN, SCAN,
     "            if (threadIdx.x == 0) {\n                const float end",
     "            {\n                const float end"),
    ("scan: exchange buffer too small", SCAN, SCAN, "float gradC[padded(kChunk)];",
     "float gradC[padded(kChunk) - 2];"),
    ("scan: sums of gradA start undefined", SCAN, SCAN,
     "        shared.gradA[warp][n] = 0.0f;\n", "        ;\n"),
    ("scan: gradient of the initial state from the last chunk", SCAN, SCAN,
     "if (chunk == 0 && q.gradInitialState)",
     "if (chunk == place.chunks - 1 && q.gradInitialState)"),
    ("loads: packets read past the end", SCAN, VECTOR_IO,
     "if (extent.isAligned && first + kItems <= extent.length) {\n#pragma unroll\n"
     "        for (int i = 0; i < kItems / kPacket; ++i) {\n            Packet<T> packet;\n"
     "            const uint4",
     "if (extent.isAligned && first < extent.length) {\n#pragma unroll\n"
     "        for (int i = 0; i < kItems / kPacket; ++i) {\n            Packet<T> packet;\n"
     "            const uint4"),
    ("loads: rows taken for aligned that are not", SCAN, SCAN,
     "return static_cast<size_t>(p.length) * sizeof(T) % 16 == 0 &&", "return"),
    ("step: lanes past the last channel work too", STEP, STEP,
     "const int states = isInside ? p.states : 0;", "const int states = p.states;"),
    ("step: sum over half of the lanes", STEP, STEP, "int bits = kLanes / 2;",
     "int bits = kLanes / 4;"),
    ("conv: window padded with a real tap", CONV, CONV,
     "            if (j < width)\n                sums[i] = fmaf(taps.weight[j][i]",
     "            if (j <= width)\n                sums[i] = fmaf(taps.weight[j][i]"),
    ("conv: halo one step short", CONV, CONV, "t < end + kTaps - 1; ++t",
     "t < end + kTaps - 2; ++t"),
    ("conv: bias gradient counts the halo", CONV, CONV, "        if (t < end) {\n",
     "        if (t < end + 1) {\n"),
    ("conv: threads past the last channel go on", CONV, CONV,
     "    if (first >= p.channels)\n        return;\n    const int tileCount",
     "    const int tileCount"),
    ("conv step: state written before it is read", CONV, CONV,
     "        if (k > 0)\n            storeItems(state + static_cast<int64_t>(k - 1)",
     "        if (k > 0)\n            storeItems(state + static_cast<int64_t>(k)"),
    ("norm: barrier of the sum removed", NORM, NORM, "    __syncthreads();\n    float sum",
     "    float sum"),
    ("norm: sum over three of four warps", NORM, NORM, "for (int w = 0; w < kWarps; ++w)",
     "for (int w = 0; w < kWarps - 1; ++w)"),
    ("norm: every thread writes the scale of the next row", NORM, NORM,
     "        p.scale[blockIdx.x] = scale;", "        p.scale[blockIdx.x + 1] = scale;"),
    ("norm: weight gradient of one row too many", NORM, NORM,
     "begin + kTile < q.rows ? begin + kTile : q.rows;",
     "begin + kTile <= q.rows ? begin + kTile : q.rows + 1;"),
]

SANITIZERS = "-fsanitize=address,alignment,bounds,shift,signed-integer-overflow"
VARIANTS = {
    "plain": ([], []),
    "races": (["-g1", "-fsanitize=thread", "-fno-tree-vectorize", "-fno-store-merging"],
              ["-no-pie"]),
    "sanitized": (["-O0", "-g1", SANITIZERS, "-fno-sanitize-recover=all"], [SANITIZERS]),
}
TESTS = {SCAN: "tst_cuda_scan", STEP: "tst_cuda_scan", CONV: "tst_cuda_conv", NORM: "tst_cuda_norm"}
# Rows of the data tables that reach every branch, to keep a mistake to seconds.
ORDERS = ("forward", "reverse", "random")
ROWS = {
    SCAN: {"plain": [f"againstFloat64:length {n}, {e}, {o}" for o in ORDERS
                     for n, e in ((7, "f32"), (1025, "f32"), (1032, "bf16"), (2049, "f32"))]
                    + ["againstFloat64:16 states"],
           "races": [f"againstFloat64:length {n}, {e}, forward"
                     for n, e in ((7, "f32"), (1032, "bf16"), (1028, "f32"))],
           "sanitized": [f"againstFloat64:length {n}, {e}, forward"
                         for n, e in ((7, "f32"), (1032, "bf16"), (1025, "f32"))]
                        + ["againstFloat64:16 states"]},
    STEP: dict.fromkeys(VARIANTS, ["stepsAgainstFloat64"]),
    CONV: dict.fromkeys(VARIANTS, []),
    NORM: dict.fromkeys(VARIANTS, []),
}


def run(command, timeout=600):
    environment = dict(os.environ, ASAN_OPTIONS="detect_leaks=0")
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout,
                              env=environment, errors="replace")
        return done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        return 124, "timed out"


def verdict(status, output):
    """What a run of a test says, in a word or two."""
    found = []
    if "data race:" in output:
        found.append("race")
    if "heap-buffer-overflow" in output:
        found.append("heap overflow")
    elif "AddressSanitizer" in output:
        found.append("address")
    if "misaligned address" in output:
        found.append("misaligned")
    elif "out of bounds" in output:
        found.append("bounds")
    elif "runtime error" in output:
        found.append("undefined")
    if re.search(r"deadlock|divergent|mask leaves out|not in the mask", output):
        found.append("line named")
    if re.search(r"worst at|Compared values|returned FALSE", output):
        found.append("values")
    if found:
        return " + ".join(found)
    return "-" if status == 0 else f"exit {status}"


def main(build, words):
    objects = build / "tests/kernels/cuda/CMakeFiles"
    flags = ["-std=c++20", "-O1", "-fPIC", "-fno-strict-aliasing", "-w"]
    headers = next(path for path in ("/usr/local/cuda/include",
                                     *map(str, ROOT.glob(".venv/lib/*/site-packages/nvidia/cu13/include")))
                   if pathlib.Path(path, "crt/host_defines.h").exists())
    print("| mistake | values | data races | sanitizers |\n|---|---|---|---|")
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder)
        for name, source, changed, before, after in MUTANTS:
            if words and not any(word in name for word in words):
                continue
            shutil.rmtree(tree / "kernels", ignore_errors=True)
            shutil.copytree(ROOT / "kernels", tree / "kernels")
            text = (tree / changed).read_text()
            if before not in text:
                sys.exit(f"'{name}' no longer fits {changed}: bring it up to date")
            (tree / changed).write_text(text.replace(before, after) if before else text)
            cells = []
            for variant, (compile_flags, link_flags) in VARIANTS.items():
                kernel = tree / "kernel.o"
                program = tree / "program"
                others = [str(path) for path in
                          objects.glob(f"samba_emulated_{variant}.dir/**/*.cu.o")
                          if path.name != pathlib.Path(source).name + ".o"]
                for part in (f"samba_emulator_{variant}", "samba_emulated_support",
                             f"{TESTS[source]}_objects"):
                    others += map(str, (objects / f"{part}.dir").rglob("*.o"))
                status, output = run(
                    ["g++", *flags, *compile_flags, f"-I{tree}", f"-I{ROOT}", "-isystem", headers,
                     "-include", str(ROOT / "tests/kernels/cuda/cuda_emulator.h"), "-x", "c++",
                     "-c", str(tree / source), "-o", str(kernel)])
                if status == 0:
                    status, output = run(["g++", str(kernel), *others, *link_flags, "-o",
                                          str(program), "-lQt6Test", "-lQt6Core"])
                if status != 0:
                    sys.exit(f"'{name}' does not build:\n{output}")
                cells.append(verdict(*run([str(program), *ROWS[source][variant]])))
            missed += bool(before) and all(cell == "-" for cell in cells)
            print(f"| {name} | {' | '.join(cells)} |", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]))
