"""Checks what the CUDA compiler made of our kernels against limits: registers, spilled bytes and
shared memory on every architecture, and the 16-byte accesses in the intermediate code.

The limits are today's figures, rounded up a little: a change that crosses one is looked at, and the
limit moved if it was meant. They say nothing about speed, which no machine without a GPU can know.

  check_gates.py NVCC SOURCE_DIR OBJECT_DIR     checks
  check_gates.py                                reports that there is no CUDA compiler
"""

import pathlib
import re
import subprocess
import sys

# Kernel: registers, spilled bytes, bytes of static shared memory, at most; 16-byte loads and stores
# of its versions for all element types together, exactly.
LIMITS = {
    "scan forward": (80, 0, 2112, 24),
    "scan backward": (184, 24, 14752, 48),
    "scan step": (56, 0, 0, 9),
    "conv forward, 4 taps": (112, 0, 0, 44),
    "conv forward, 8 taps": (168, 0, 0, 64),
    "conv backward, 4 taps": (208, 0, 0, 82),
    # 16-bit elements: twice the channels, and windows of eight rows twice over, in registers.
    "conv backward, 8 taps": (255, 524, 0, 122),
    "conv step": (56, 0, 0, 26),
    "norm forward": (56, 0, 16, 49),
    "norm inputGradient": (56, 0, 16, 56),
    "norm weightGradient": (56, 0, 0, 21),
}
ARCHITECTURES = {75, 80, 86, 89, 90, 100, 120}
SHARED_LIMIT = 48 * 1024

ROOMS = {"selective_scan": "scan", "causal_conv1d": "conv", "rms_norm": "norm"}
ENTRY = re.compile(
    r"Compiling entry function '(\S+)' for 'sm_(\d+)a?f?'.*?"
    r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads.*?"
    r"Used (\d+) registers([^\n]*)", re.DOTALL)
PTX_ENTRY = re.compile(r"\.entry (\w+)\(.*?\n\}", re.DOTALL)
WIDE = re.compile(r"\b(?:ld|st)\.global(?:\.nc)?\.(?:v4\.[bfu]32|v2\.[bfu]64)\b")


def kernel_name(mangled, room):
    part = re.search(r"\d+([a-zA-Z]+)Kernel", mangled)
    taps = re.search(r"Li(\d)E", mangled)
    name = f"{room} {part.group(1) if part else mangled}"
    return f"{name}, {taps.group(1)} taps" if taps else name


def check(nvcc, source_dir, object_dir):
    problems = []
    worst = {}
    seen = set()
    logs = sorted(object_dir.rglob("*.ptxas"))
    for log in logs:
        room = next((name for folder, name in ROOMS.items() if folder in str(log)), None)
        for entry in ENTRY.finditer(log.read_text()):
            name = kernel_name(entry.group(1), room)
            shared = re.search(r"(\d+) bytes smem", entry.group(7))
            figures = (int(entry.group(6)), int(entry.group(4)),
                       int(shared.group(1)) if shared else 0)
            architecture = int(entry.group(2))
            seen.add((name, architecture))
            worst[name] = tuple(map(max, worst.get(name, (0, 0, 0)), figures))
            limits = LIMITS.get(name)
            if limits is None:
                problems.append(f"{name}: no limits are set for this kernel")
                continue
            for figure, limit, what in zip(
                    figures, limits, ("registers", "spilled bytes", "bytes of shared memory")):
                if figure > min(limit, SHARED_LIMIT):
                    problems.append(
                        f"{name} on sm_{architecture}: {figure} {what}, at most {limit} wanted")
    for name in LIMITS:
        missing = ARCHITECTURES - {architecture for kernel, architecture in seen if kernel == name}
        if missing:
            problems.append(f"{name}: not compiled for {sorted(missing)}")

    wide = dict.fromkeys(LIMITS, 0)
    for source in sorted(source_dir.glob("kernels/*/*_cuda.cu")):
        room = ROOMS[source.parent.name]
        ptx = subprocess.run(
            [nvcc, "-std=c++17", "-O3", f"-I{source_dir}", "-arch=compute_90", "-ptx", "-o", "-",
             str(source)], capture_output=True, text=True, check=True).stdout
        for entry in PTX_ENTRY.finditer(ptx):
            name = kernel_name(entry.group(1), room)
            wide[name] = wide.get(name, 0) + len(WIDE.findall(entry.group(0)))
    for name, (*_, wanted) in LIMITS.items():
        if wide[name] != wanted:
            problems.append(f"{name}: {wide[name]} 16-byte accesses, {wanted} wanted")

    for name, (registers, spilled, shared) in sorted(worst.items()):
        print(f"{name:22} {registers:4} registers {spilled:5} bytes spilled {shared:6} bytes shared"
              f" {wide[name]:4} 16-byte accesses")
    for problem in problems:
        print(f"FAIL!  : CudaGates::limits() {problem}")
    return problems


def main(arguments):
    if not arguments:
        print("SKIP   : CudaGates::limits() there is no CUDA compiler (nvcc) on this machine")
        print("Totals: 0 passed, 0 failed, 1 skipped")
        return 0
    problems = check(arguments[0], pathlib.Path(arguments[1]), pathlib.Path(arguments[2]))
    print(f"Totals: {0 if problems else 1} passed, {1 if problems else 0} failed, 0 skipped")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
